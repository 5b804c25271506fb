"""The append-only trail: who did what to which couple, and the order in which the record changed."""
