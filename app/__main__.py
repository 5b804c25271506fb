"""`python -m app` is the command line `rekindle`."""

from app.cli import cli

cli()
