"""Homework protocols: the catalogue, those a clinic adds as documents, and the thresholds a clinic sets."""
