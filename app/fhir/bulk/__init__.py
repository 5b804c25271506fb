"""FHIR Bulk Data: everything that a client's scopes let it read as files, made by the same job as every other export."""
