"""What the record says: how both partners are doing, against where they began, and why to look."""
