"""What a process loads once and keeps."""

import gc


def keep_for_good() -> None:
    """Lets garbage collection pass over all that is there now: code, tables and models, which stay as long as the process.

    Looking through them took 0.2 seconds each time, in which every request waits, and two fifths of a large export.
    """
    gc.collect()
    gc.freeze()
