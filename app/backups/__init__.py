"""Backups of the record, encrypted and checked, and the way back from them."""
