"""Data that leaves as files: tidy, typed, documented, from one snapshot, resumable."""
