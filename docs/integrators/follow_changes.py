"""Keeps a folder in step with the record: python follow_changes.py FOLDER --base-url URL [--wait 20] (key in REKINDLE_KEY).

Each couple is a folder with a JSON file for each thing your scopes read. It goes on where it stopped, also after a kill: the
token is put away only after everything it covers is on the disk, so that nothing is missed and some of it may be read twice.
"""

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

import httpx

Item = dict[str, Any]
STARTS_ANEW = 409


def put_away(file: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def file_of(folder: Path, item: Item) -> Path:
    """Where a thing is kept."""
    return folder / str(item["couple_id"]) / f"{item['type']}-{item['id']}.json"


def drop(folder: Path, item: Item) -> None:
    """What went, with everything that belonged to it."""
    couple = folder / str(item["couple_id"])
    if item["type"] == "couple":
        shutil.rmtree(couple, ignore_errors=True)
    file_of(folder, item).unlink(missing_ok=True)
    for file in couple.glob("*.json") if item["type"] == "partner" else ():
        if json.loads(file.read_text(encoding="utf-8")).get("partner_id") == item["id"]:
            file.unlink()


def read(client: httpx.Client, folder: Path, item: Item) -> None:
    """Reads a thing again; one that went in the meantime is told of later."""
    answer = client.get(item["href"])
    if answer.status_code != httpx.codes.NOT_FOUND:
        put_away(file_of(folder, item), answer.raise_for_status().text)


def pages(client: httpx.Client, since: str | None, wait: int) -> Any:
    """Pages of changes after a token, each with the token to go on from, until this was all."""
    while True:
        query = {"limit": 200, "wait": wait} | ({"since": since} if since else {})
        page = client.get("/v1/changes", params=query, timeout=wait + 30).raise_for_status().json()
        since = page["next"] or page["delta"]
        yield page["items"], since
        if page["delta"]:
            return


def catch_up(client: httpx.Client, folder: Path, wait: int = 0) -> int:
    """Brings the folder up to date; how many changes there were."""
    token, changes = folder / "token", 0
    since = token.read_text(encoding="utf-8") if token.exists() else None
    anew: dict[str, None] = {}
    for items, after in pages(client, since, wait):
        for item in items:
            changes += 1
            if item["op"] == "delete":
                drop(folder, item)
            elif item["whole"]:
                anew[item["couple_id"]] = None
            else:
                read(client, folder, item)
        for couple_id in anew:
            read_all(client, folder, couple_id)
        anew.clear()
        put_away(token, after)
    return changes


def read_all(client: httpx.Client, folder: Path, couple_id: str) -> None:
    """A couple that came into view, or lost a part: everything of it again, as the feed tells it from the beginning."""
    shutil.rmtree(folder / couple_id, ignore_errors=True)
    for items, _after in pages(client, None, 0):
        for item in items:
            if item["couple_id"] == couple_id and item["op"] == "upsert":
                read(client, folder, item)


def main() -> None:
    """Catches up once, starting anew where the token no longer holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--wait", type=int, default=0, help="seconds to wait for something to change")
    asked = parser.parse_args()
    client = httpx.Client(base_url=asked.base_url, headers={"Authorization": f"Bearer {os.environ['REKINDLE_KEY']}"})
    try:
        changes = catch_up(client, asked.folder, asked.wait)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != STARTS_ANEW:
            raise
        shutil.rmtree(asked.folder)
        changes = catch_up(client, asked.folder)
    print(f"{changes} changes")


if __name__ == "__main__":
    main()
