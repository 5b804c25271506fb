"""Exports onto a small disk until it is full, gives it room and goes on; run in a mount namespace by test_command.py."""

import shutil
import subprocess
import sys
from pathlib import Path

from app.exports.client.asked import Asked
from app.exports.client.calling import Patience, client_for
from app.exports.client.ends import PartialError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling


def main(disk: Path, address: str, there: Path) -> None:
    """Prints what was seen."""
    out = disk / "out"
    with client_for(address, "rk_key") as client:
        run = Run(Service(client, Patience(5)), Folder(out), Telling(), Asked(), resume=True)
        try:
            run()
        except PartialError as error:
            print(error.exit_code, error)  # noqa: T201 - read by the test
        print("nothing there" if all(path.name.startswith(".") for path in out.iterdir()) else "something")  # noqa: T201 - the same
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        run()
    print(0)  # noqa: T201 - the same
    shutil.copytree(out, there)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
