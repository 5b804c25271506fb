"""Keeps an EHR in step, both ways: python ehr_sync.py OUTBOX.json CHARTS --base-url URL (key in REKINDLE_KEY).

Out goes what the EHR has: couples, what they came with, answers. Back come charts, one file a partner, of the couples that
changed since the last run. Run it as often as you like: what is there already is not sent twice, and a run that was cut off is
made up for.
"""

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
STARTS_ANEW = 409


def get(http: Any, path: str, **query: Any) -> Json:
    """What stands at an address."""
    told: Json = http.get(path, params=query).raise_for_status().json()
    return told


def post(http: Any, path: str, body: Json) -> Json:
    """What came of sending something."""
    told: Json = http.post(path, json=body).raise_for_status().json()
    return told


def couple_of(http: Any, one: Json) -> Json:
    """A couple of the EHR, by its id there; made with its episode of care where it is missing."""
    found = get(http, "/v1/couples", external_id=one["external_id"])["items"]
    couple = found[0] if found else post(http, "/v1/couples", {name: one[name] for name in one if name != "primary_concern"})
    episodes = f"/v1/couples/{couple['id']}/episodes"
    if not get(http, episodes)["items"]:
        post(http, episodes, {"primary_concern": {"code": one["primary_concern"]}})
    return {"id": couple["id"], **{partner["slot"]: partner["id"] for partner in couple["partners"]}}


def push(http: Any, outbox: Json) -> list[str]:
    """Sends the outbox; a line for each answer that was refused, with the code of what is wrong with it."""
    couples = {one["external_id"]: couple_of(http, one) for one in outbox["couples"]}
    items, refused = [], []
    for one in outbox["answers"]:
        couple = couples[one["couple"]]
        rest = {name: one[name] for name in one if name not in {"couple", "slot"}}
        items.append({"couple_id": couple["id"], "partner_id": couple[one["slot"]], "mode": "imported", **rest})
    for first in range(0, len(items), 500):
        batch = items[first : first + 500]
        done = post(http, "/v1/administrations/batch", {"mode": "partial", "items": batch})
        became = zip(batch, done["items"], strict=True)
        refused += [f"{item['external_id']}: {told['problem']['code']}" for item, told in became if told["problem"]]
    return refused


def write_charts(http: Any, charts: Path, couple_id: str) -> None:
    """Both charts of a couple anew, or none of one that went. Each is read in its own partner's view, and holds only theirs."""
    shutil.rmtree(charts / couple_id, ignore_errors=True)
    found = http.get(f"/v1/couples/{couple_id}")
    if found.status_code == httpx.codes.NOT_FOUND:
        return
    (charts / couple_id).mkdir(parents=True)
    for partner in found.raise_for_status().json()["partners"]:
        outcomes = get(http, f"/v1/couples/{couple_id}/outcomes", **{"as": f"partner_{partner['slot']}"})
        own = [each for each in outcomes["partners"] if each["slot"] == partner["slot"]]
        chart = {"record_number": partner["record_number"], "day": outcomes["day"], "outcomes": own}
        (charts / couple_id / f"{partner['id']}.json").write_text(json.dumps(chart, indent=2), encoding="utf-8")


def pull(http: Any, charts: Path) -> int:
    """Brings the charts up to date; of how many couples. The token moves only when what it covers is written."""
    token = charts / "token"
    since = {"since": token.read_text(encoding="utf-8")} if token.exists() else {}
    changed: set[str] = set()
    while True:
        page = get(http, "/v1/changes", limit=200, **since)
        changed |= {item["couple_id"] for item in page["items"]}
        since = {"since": page["next"] or page["delta"]}
        if page["delta"]:
            break
    for couple_id in sorted(changed):
        write_charts(http, charts, couple_id)
    charts.mkdir(parents=True, exist_ok=True)
    token.write_text(page["delta"], encoding="utf-8")
    return len(changed)


def main() -> None:
    """Sends, then reads; starts the charts anew where the token no longer holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outbox", type=Path)
    parser.add_argument("charts", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    given = parser.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['REKINDLE_KEY']}"}
    with httpx.Client(base_url=given.base_url, headers=headers, timeout=60) as http:
        refused = push(http, json.loads(given.outbox.read_text(encoding="utf-8")))
        try:
            couples = pull(http, given.charts)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != STARTS_ANEW:
                raise
            shutil.rmtree(given.charts)
            couples = pull(http, given.charts)
    print("\n".join([*refused, f"{len(refused)} answers refused, charts of {couples} couples written"]))


if __name__ == "__main__":
    main()
