"""What each of the two was diagnosed with; it belongs to that person, never to the couple."""
