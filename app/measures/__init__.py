"""Administrations of measures and their scores: what was answered, as given, and what it came to."""
