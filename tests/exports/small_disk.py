"""A small disk for one thread: it alone sees it, and it is gone with the thread."""

import ctypes
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

CLONE_NEWNS = 0x20000


def on_a_small_disk(folder: Path, kilobytes: int, what: Callable[[Callable[[int], None]], None]) -> None:
    """Runs `what` where the folder is a disk of so many kilobytes; it is given what changes its size."""
    failed: list[BaseException] = []

    def resize(size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}k", str(folder)], check=True)

    def apart() -> None:
        try:
            if ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:  # of this thread, not of the process
                raise RuntimeError("a thread may not have mounts of its own here")  # noqa: TRY301 - caught with what else fails
            subprocess.run(["mount", "--make-rprivate", "/"], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
            what(resize)
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            failed.append(error)

    thread = threading.Thread(target=apart)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
