"""The reference pages: what the code says of itself, as Markdown for people."""
