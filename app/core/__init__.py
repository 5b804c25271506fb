"""Tools without clinical meaning: settings, database, crypto, problems, pages, clock, logs."""
