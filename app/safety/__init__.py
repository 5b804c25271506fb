"""Protection: screens, clearance, consents and signals, all of it in the safety compartment."""
