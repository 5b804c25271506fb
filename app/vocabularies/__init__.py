"""The words the API understands: open lists that grow without breaking a client."""
