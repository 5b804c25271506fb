"""Exports in which nobody can be told apart: of those who agreed, changed and thinned out until no couple stands alone."""
