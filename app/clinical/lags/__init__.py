"""Which came first: what a panel of two series can say about what followed what, and when it can say nothing."""
