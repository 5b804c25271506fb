"""Rekindle: the record and outcome service for couples whose problem is sexual."""
