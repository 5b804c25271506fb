"""Runs every client against the clinic and prints what each found: `python -m interop`. Ends with 1 where something failed.

2 where nothing failed but some of it could not run here, as without Node.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from interop.catalogue import ABSENT, CLIENTS, Client
from interop.clinic import Registered, register, served
from interop.installing import MissingError, command, versions
from interop.told import NOT_RUN, Told, written

PATIENCE_SECONDS: Final = 900


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m interop", description=__doc__)
    parser.add_argument("--url", help="a demo clinic that is served already; one is served if not told")
    parser.add_argument("--demo", type=Path, default=Path("var/interop/demo"), help="that demo's folder")
    parser.add_argument("--folder", type=Path, default=Path("var/interop"), help="where clients are installed and write")
    parser.add_argument("--only", nargs="+", default=[], help="names of clients; the crawl of fhirpy is what others compare with")
    given = parser.parse_args()
    folder, record = given.folder.resolve(), given.demo.resolve()
    for name in ("environments", "crawl", "scratch", "keys"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    found: list[Told] = []
    with nullcontext(given.url.rstrip("/")) if given.url else served(record) as base:
        clinic = register(base, record, folder / "keys")
        for client in CLIENTS:
            if not given.only or client.name in given.only:
                found += _reported(client, clinic, folder)
    print("\n" + written(found, versions()))
    for name, why in ABSENT.items():
        print(f"not run: {name} {why}")
    if any(one.result == "failed" for one in found):
        return 1
    return 2 if any(one.result == NOT_RUN for one in found) else 0


def _reported(client: Client, clinic: Registered, folder: Path) -> Iterator[Told]:
    began = time.monotonic()
    for one in _run(client, clinic, folder):
        print(one.line, flush=True)
        yield one
    print(f"  {client.name} took {time.monotonic() - began:.0f} s", flush=True)


def _run(client: Client, clinic: Registered, folder: Path) -> Iterator[Told]:
    scratch = folder / "scratch" / client.script
    scratch.mkdir(parents=True, exist_ok=True)
    task = scratch / "task.json"
    try:
        words = command(client, folder / "environments")
        task.write_text(json.dumps(clinic.task(scratch, folder / "crawl")), encoding="utf-8")
        done = subprocess.run(
            [*words, str(task)], cwd=scratch, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except (MissingError, subprocess.TimeoutExpired) as error:
        yield Told(client, client.does, NOT_RUN, str(error))
        return
    finally:
        task.unlink(missing_ok=True)  # it holds a token
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"check"')]
    for line in lines:
        yield Told(client, line["check"], "passed" if line["ok"] else "failed", line["told"])
    if done.returncode or not lines:
        (scratch / "errors.txt").write_text(done.stderr, encoding="utf-8")
        why = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it said nothing")
        yield Told(client, "ran to its end", "failed", f"{why[:200]} (all of it in {scratch / 'errors.txt'})")


if __name__ == "__main__":
    sys.exit(main())
