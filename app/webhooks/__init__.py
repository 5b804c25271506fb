"""Webhooks: a clinic's software is told that something happened, and never what."""
