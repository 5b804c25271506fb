"""A year of an invented clinic with known truths in it, so that what the outcomes say can be held against what is true."""
