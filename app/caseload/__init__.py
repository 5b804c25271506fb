"""Which couples need a look, worst first, from figures kept of each couple by following the ledger."""
