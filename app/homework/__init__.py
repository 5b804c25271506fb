"""The work: homework plans, assignments and check-ins that start from the sexual concern."""
