"""The demo answers FHIR too: the line it prints is run as it is printed, by whoever started the demo."""

import json
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.demo.conftest import environment, running
from tests.fhir.r4 import faults


@pytest.mark.xdist_group("demo")
def test_the_line_that_is_printed_fetches_a_token_and_a_bundle(folder: Path, tmp_path: Path) -> None:
    with running(folder) as printed:
        base = printed[-1].removeprefix("READY ")
        (line,) = [one for one in printed if "fhir_bundle.py" in one]
        done = subprocess.run(
            shlex.split(line), cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60
        )
        stated = httpx.get(base + "/fhir/metadata").json()
    assert done.returncode == 0, done.stderr
    bundle = json.loads(done.stdout)
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Patient", "Patient"]
    assert bundle["total"] > 2
    assert not faults(bundle)
    # what it says of itself is where it is, whichever port it found
    assert stated["implementation"]["url"] == base + "/fhir"
    assert all(entry["fullUrl"].startswith(base + "/fhir/") for entry in bundle["entry"])
