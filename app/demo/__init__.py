"""A synthetic clinic to try things on: seeded through the API, served on this machine, walked over HTTP."""
