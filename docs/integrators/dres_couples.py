"""Brings a study's couples in: python dres_couples.py FILE.csv --base-url http://127.0.0.1:8000 (key in REKINDLE_KEY).

The file has a row for each partner: couple, partner (A or B), sexsat_1 to sexsat_5, which are scored as GMSEX.
Running it again changes nothing, because couples and administrations carry external ids.
"""

import argparse
import csv
import os
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import httpx

Row = dict[str, str]


def read_rows(file: Path) -> list[Row]:
    """The rows of the file."""
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def couple_of(client: httpx.Client, label: str) -> dict[str, Any]:
    """The couple with this label, created when it is not there."""
    found = client.get("/v1/couples", params={"external_id": label}).raise_for_status().json()["items"]
    partners = {f"partner_{slot}": {"record_number": f"{label}-{slot.upper()}"} for slot in "ab"}
    made = found or [client.post("/v1/couples", json={"external_id": label, **partners}).raise_for_status().json()]
    return {"id": made[0]["id"], **{partner["slot"]: partner["id"] for partner in made[0]["partners"]}}


def administration(couple: dict[str, Any], row: Row) -> dict[str, Any]:
    """One row of the file as an item of a batch; an empty cell is an item that was skipped."""
    cells = {str(number): row[f"sexsat_{number}"].strip() for number in range(1, 6)}
    return {
        "couple_id": couple["id"],
        "partner_id": couple[row["partner"].lower()],
        "measure": "gmsex",
        "answers": {number: int(cell) if cell else None for number, cell in cells.items()},
        "reasons": {number: "skipped" for number, cell in cells.items() if not cell},
        "mode": "imported",
        "external_id": f"{row['couple']}-{row['partner']}-gmsex",
    }


def run(client: httpx.Client, rows: list[Row]) -> None:
    """Sends the file in batches, then prints what the service says of each couple and of all of them together."""
    couples = {label: couple_of(client, label) for label in dict.fromkeys(row["couple"] for row in rows)}
    items = [administration(couples[row["couple"]], row) for row in rows]
    for first in range(0, len(items), 500):
        client.post("/v1/administrations/batch", json={"items": items[first : first + 500]}).raise_for_status()
    complete: list[float] = []
    for label, couple in couples.items():
        latest = []
        for slot in "ab":
            path = f"/v1/couples/{couple['id']}/partners/{couple[slot]}/scores"
            scores = client.get(path, params={"measure": "gmsex"}).raise_for_status().json()["items"]
            latest += scores[-1:]
        print(label, *[score["reason"] if score["value"] is None else f"{score['value']:g}" for score in latest])
        complete += [score["value"] for score in latest if score["value"] is not None and not score["prorated"]]
    print(f"{len(couples)} couples, complete totals: mean {mean(complete):.2f}, SD {stdev(complete):.2f} (n {len(complete)})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default=os.environ.get("REKINDLE_KEY", ""))
    given = parser.parse_args()
    with httpx.Client(base_url=given.base_url, headers={"Authorization": f"Bearer {given.key}"}, timeout=60) as session:
        run(session, read_rows(given.file))
