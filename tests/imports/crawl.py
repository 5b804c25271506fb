"""A clinic's record as its API tells it, in the tables of an export; and files made of it."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.conftest import Caller

Json = dict[str, Any]
Tables = dict[str, list[Json]]


def crawl(caller: Caller) -> Tables:
    """Every row an import takes, read over the API by an integration."""
    tables: Tables = {
        name: []
        for name in ("couples", "partners", "episodes", "concerns", "concern_ratings", "administrations", "items", "scores")
    }
    for couple in _couples(caller):
        own = {"couple_id": couple["id"]}
        told = {name: couple[name] for name in ("external_id", "time_zone", "created_at", "archived_at")}
        tables["couples"].append(own | told)
        _concerns(caller, own, tables)
        for partner in couple["partners"]:
            named = {"slot": partner["slot"], "record_number": partner["record_number"]}
            tables["partners"].append(own | {"partner_id": partner["id"]} | named)
            for given in caller.every(f"/v1/couples/{couple['id']}/partners/{partner['id']}/administrations"):
                _administration(own, given, tables)
    return tables


def _couples(caller: Caller) -> Iterator[Json]:
    yield from caller.every("/v1/couples")
    yield from caller.every("/v1/couples?archived=true")


def _concerns(caller: Caller, own: Json, tables: Tables) -> None:
    for episode in caller.get(f"/v1/couples/{own['couple_id']}/episodes").json()["items"]:
        named = {"episode_id": episode["id"]}
        told = {name: episode[name] for name in ("opened_on", "closed_on", "close_reason")}
        tables["episodes"].append(own | named | told)
        for concern in episode["concerns"]:
            told = {"concern": concern["code"], "bearer": concern["bearer"], "resolved_on": concern["resolved_on"]}
            told["place"] = concern["place"]
            told["contributing_factors"] = ";".join(concern["contributing_factors"]) or None
            tables["concerns"].append(own | named | {"concern_id": concern["id"]} | told)
            tables["concern_ratings"] += [own | {"concern_id": concern["id"]} | rating for rating in concern["ratings"]]


def _administration(own: Json, given: Json, tables: Tables) -> None:
    own = own | {"administration_id": given["id"]}
    told = (
        "partner_id",
        "external_id",
        "measure",
        "mode",
        "language",
        "answered_at",
        "recall_ends_on",
        "scored_by",
        "scored_by",
    )
    tables["administrations"].append(own | {name: given[name] for name in told} | {"supersedes_id": given["supersedes"]})
    for item in sorted({*given["answers"], *given["reasons"]}, key=int):
        answer, reason = given["answers"].get(item), given["reasons"].get(item)
        code = {"answer": answer} if answer is not None else {"answer": None, "answer_missing": reason or "unknown"}
        tables["items"].append(own | {"item": int(item)} | code | {"reason": reason if answer is not None else None})
    for scale, value in given["scales"].items():
        score = {"scale": scale, "value": value, "standard_error": given["standard_errors"].get(scale)}
        tables["scores"].append(own | score)


def write(folder: Path, tables: Tables, suffix: str = "csv", parts: int = 1) -> Path:
    """Files of these rows, every table in so many parts."""
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        for part in range(parts):
            some = rows[part * len(rows) // parts : (part + 1) * len(rows) // parts]
            file = folder / (f"{table}-{part + 1:04}.{suffix}" if parts > 1 else f"{table}.{suffix}")
            _write_csv(file, rows, some) if suffix == "csv" else _write_jsonl(file, some)
    return folder


def _write_csv(file: Path, rows: Sequence[Json], some: Sequence[Json]) -> None:
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if not name.endswith("_missing")]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_cell(row, name) for name in names] for row in some])


def _cell(row: Json, name: str) -> Any:
    value = row.get(name)
    if value is None:
        return "." + str(row.get(f"{name}_missing", "not_applicable"))
    return str(value).lower() if isinstance(value, bool) else value


def _write_jsonl(file: Path, rows: Sequence[Json]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def named(tables: Tables) -> Tables:
    """The same rows under names that survive an import: external ids and record numbers in place of ids, in a fixed order.

    What has no external id where it comes from is named by its id there. Episodes and concerns have no external ids: they
    are told by what they hold.
    """
    names = {row["couple_id"]: row["external_id"] or row["couple_id"] for row in tables["couples"]}
    names |= {row["partner_id"]: row["record_number"] for row in tables["partners"]}
    names |= {row["administration_id"]: row["external_id"] or row["administration_id"] for row in tables["administrations"]}
    names |= {row["episode_id"]: f"{row['opened_on']} {row['closed_on']}" for row in tables["episodes"]}
    names |= {row["concern_id"]: f"{row['concern']} {row['bearer']}" for row in tables["concerns"]}
    told: Tables = {}
    for table, rows in tables.items():
        shown = [
            {name: names.get(value, value) if isinstance(value, str) else value for name, value in row.items()} for row in rows
        ]
        for row in shown:
            row.pop("external_id", None)  # stands in place of the id
        told[table] = sorted(shown, key=lambda row: json.dumps(row, sort_keys=True))
    return told
