"""What the scripts of Python clients share: the task they are given, and a line for each thing they tried."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TASK: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


class Tried:
    """One thing that is tried; it passes unless it raises."""

    figures = ""


@contextmanager
def trying(check: str) -> Iterator[Tried]:
    """Says what came of the block; what goes wrong in it ends nothing else."""
    tried = Tried()
    try:
        yield tried
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
        why = f"{type(error).__name__}: {error}".replace("\n", " ")[:400]
        print(json.dumps({"check": check, "ok": False, "told": f"{tried.figures} {why}".strip()}), flush=True)
    else:
        print(json.dumps({"check": check, "ok": True, "told": tried.figures}), flush=True)


def crawled() -> dict[str, list[dict[str, Any]]]:
    """Every resource that the crawl wrote down, by type."""
    found = {}
    for file in sorted(Path(TASK["crawl"]).glob("*.ndjson")):
        found[file.stem] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    if not found:
        raise SystemExit("the crawl of fhirpy is what this compares with; run that first")
    return found


def ids_in(lines: list[dict[str, Any]]) -> set[str]:
    """Types and ids of resources."""
    return {f"{one['resourceType']}/{one['id']}" for one in lines}


def tell_faults(found: dict[str, list[str]], count: int) -> str:
    """How many resources were looked at; raises AssertionError with the first fault of each kind where there were some."""
    if found:
        raise AssertionError(f"{len(found)} of {count} have faults, as {list(found.items())[:3]}")
    return f"{count} resources"
