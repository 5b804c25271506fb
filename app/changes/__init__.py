"""The change feed: what changed of the record, in the order of commits, as far as its reader may know."""
