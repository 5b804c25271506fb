"""What lasts whatever happens to the machine: a file that is on the disk can still lose its name."""

import os
from pathlib import Path


def settle_names(folder: Path) -> None:
    """Waits until the names in a folder are on the disk; after a power cut they are those, and none before them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
