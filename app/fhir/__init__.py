"""FHIR R4 (4.0.1) under `/fhir`: a facade that reads the record, takes answers back, and exports in bulk."""
