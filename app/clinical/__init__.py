"""Clinical knowledge that would be true without this service: measures, scoring, change, concerns, protocols."""
