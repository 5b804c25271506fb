"""smart-fetch (SMART Health IT): its bulk export and its crawl, with tokens it fetches itself, bring the same."""

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from saying import TASK, crawled, ids_in, trying

tool = Path(sys.executable).parent / "smart-fetch"
found = crawled()
# what smart-fetch knows of
TYPES = "Patient,Condition,DocumentReference,Encounter"


def fetched(how: str, algorithm: str, *more: str) -> tuple[list[dict[str, Any]], float]:
    """What it brings, and in how many seconds."""
    place = Path(TASK["scratch"]) / f"{how}-{algorithm}-{time.time():.0f}"
    client = TASK["clients"][algorithm]
    words = [str(tool), how, str(place), "--fhir-url", TASK["fhir"], "--smart-client-id", client["id"]]
    words += ["--smart-key", client["key"], "--type", TYPES, "--no-default-filters", *more]
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, (done.stdout + done.stderr)[-600:]
    lines: list[dict[str, Any]] = []
    for file in sorted(place.rglob("*.ndjson*")):
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines += [json.loads(line) for line in text.splitlines()]
    return [one for one in lines if one.get("resourceType") in TYPES.split(",")], time.monotonic() - began


known = {name for type_ in TYPES.split(",") for name in ids_in(found.get(type_, []))}
for algorithm in ("RS384", "ES384"):
    with trying(f"bulk export with a token of its own ({algorithm})") as tried:
        lines, seconds = fetched("bulk", algorithm)
        assert known <= ids_in(lines), f"{len(known - ids_in(lines))} are missing"
        tried.figures = f"{len(lines)} resources in {seconds:.1f} s"

# It asks for the scopes of the types that it fetches and no others, so it may not know who is whose partner.
with trying("bulk export of a group is refused to who asks for no scope of Group") as tried:
    said = ""
    try:
        fetched("bulk", "ES384", "--group", found["Group"][0]["id"])
    except AssertionError as refusal:
        said = str(refusal)
    assert "[403]" in said, said or "it was brought a couple"
    tried.figures = "403"

with trying("crawl: the ids of the bulk export") as tried:
    lines, seconds = fetched("crawl", "ES384")
    assert known <= ids_in(lines), f"{len(known - ids_in(lines))} are missing, as {sorted(known - ids_in(lines))[:3]}"
    tried.figures = f"{len(lines)} resources in {seconds:.1f} s"
