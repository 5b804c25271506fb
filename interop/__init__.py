"""Public FHIR clients and validators, run as they are against a served clinic: `python -m interop`."""
