"""Faces: what a partner answers with a link of their own, and how a clinic hands out such links."""
