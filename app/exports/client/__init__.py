"""The command line's half of an export: it asks, fetches, checks every byte, and puts a folder in place that is whole."""
