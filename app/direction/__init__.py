"""Which came first: models over the clinic's couples, or over a panel that an analyst brings, done beside the requests."""
