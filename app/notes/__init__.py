"""Session notes: what was done in the hour, signed by who held it, and added to ever after."""
