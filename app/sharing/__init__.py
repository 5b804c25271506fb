"""What each partner lets the other read, and what both agreed on secrets."""
