"""Forms: the wording a clinic may show, and the licence that lets it."""
