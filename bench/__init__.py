"""Measurements that print figures; each is run by hand with `python -m bench.<name>`."""
