"""Commands that belong to a noun, one file each: `rekindle clinic create` is `create` in `clinic.py`."""
