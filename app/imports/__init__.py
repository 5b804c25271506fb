"""Records that come in: couples, episodes, administrations and history, in the export's own shape."""
