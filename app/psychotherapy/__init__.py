"""Psychotherapy notes (45 CFR 164.501): a therapist's own, apart from the record, under a key of their own."""
