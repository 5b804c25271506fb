"""The tables of an export, one a file, found by their names."""
