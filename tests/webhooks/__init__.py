"""Webhooks: what software outside is told, how it is sent, and what it can never learn."""
