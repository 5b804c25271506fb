"""Loads nightly exports into a warehouse: python load_warehouse.py NIGHTLY WAREHOUSE.db (SQLite, for any database).

NIGHTLY is where `rekindle export --since auto --format jsonl` puts its folders. Each is loaded once, whole or not at all; the
warehouse then holds what the record held, nothing of it twice.
"""

import argparse
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

Json = dict[str, Any]
TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
LEDGER = "_loaded"


class ChainBrokenError(Exception):
    """A folder goes on from an export that was never loaded."""


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def sql(text: str, table: str, **parts: str) -> str:
    """A statement about a table."""
    return text.format(table=quoted(table), **parts)


def columns_of(resource: Json) -> dict[str, str]:
    """A table's columns with their types; beside each that can be missing, the one that says why."""
    columns = {}
    for field in resource["schema"]["fields"]:
        columns[field["name"]] = TYPES.get(field["type"], "TEXT")
        if field.get("missingValues"):
            columns[field["name"] + "_missing"] = "TEXT"
    return columns


def rows_of(folder: Path, resource: Json) -> Iterator[Json]:
    """The rows of a table, over all its parts."""
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    for path in paths:
        with (folder / path).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def tables_in(warehouse: sqlite3.Connection) -> list[str]:
    """The tables that were loaded."""
    found = warehouse.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> ?", (LEDGER,))
    return [name for (name,) in found]


def load(warehouse: sqlite3.Connection, folder: Path, manifest: Json) -> None:
    """One folder: what changed goes, then comes as it is now. Of a whole export, everything."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in package["resources"]}
    if manifest["since"] is None:
        for name in tables_in(warehouse):
            warehouse.execute(sql("DROP TABLE {table}", name))
    went = [(row["couple_id"],) for row in rows_of(folder, resources.pop("tombstones"))]
    for name, resource in resources.items():
        columns = columns_of(resource)
        typed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        warehouse.execute(sql("CREATE TABLE IF NOT EXISTS {table} ({typed})", name, typed=typed))
        warehouse.executemany(sql("DELETE FROM {table} WHERE couple_id = ?", name), went)
        filled = {"names": ", ".join(map(quoted, columns)), "places": ", ".join("?" * len(columns))}
        rows = ([row[column] for column in columns] for row in rows_of(folder, resource))
        warehouse.executemany(sql("INSERT INTO {table} ({names}) VALUES ({places})", name, **filled), rows)
    warehouse.execute(sql("INSERT INTO {table} VALUES (?, ?)", LEDGER), (folder.name, manifest["token"]))


def catch_up(warehouse: sqlite3.Connection, nightly: Path) -> int:
    """Loads what has not been loaded, in order; how many folders."""
    warehouse.execute(sql("CREATE TABLE IF NOT EXISTS {table} (folder TEXT PRIMARY KEY, token TEXT)", LEDGER))
    loaded = dict(warehouse.execute(sql("SELECT folder, token FROM {table} ORDER BY folder", LEDGER)))
    last = next(reversed(loaded.values()), None)
    folders = [file.parent for file in sorted(nightly.glob("[0-9]*/manifest.json")) if file.parent.name not in loaded]
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["since"] not in {None, last}:
            raise ChainBrokenError(
                f"{folder} does not go on from what was loaded last. Begin anew: remove .state.json, export."
            )
        with warehouse:
            load(warehouse, folder, manifest)
        last = manifest["token"]
    return len(folders)


def main() -> None:
    """Loads, and says how many rows each table has now."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nightly", type=Path)
    parser.add_argument("warehouse", type=Path)
    given = parser.parse_args()
    with closing(sqlite3.connect(given.warehouse)) as warehouse:
        print(f"{catch_up(warehouse, given.nightly)} folders loaded")
        for name in tables_in(warehouse):
            (count,) = warehouse.execute(sql("SELECT count(*) FROM {table}", name)).fetchone()
            print(f"{count:>9} {name}")


if __name__ == "__main__":
    main()
