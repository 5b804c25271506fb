"""Who: couples, their two partners, episodes of care and the concerns they come with."""
