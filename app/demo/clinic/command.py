"""`rekindle demo --clinic`: makes the invented year once, serves it, and says what is planted in it and where to look."""

import logging
import threading
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import typer
from fastapi import FastAPI

from app.core.logs import set_up_logs
from app.demo.clinic.comparing import Comparing
from app.demo.clinic.hand import Hand
from app.demo.clinic.planted import truths
from app.demo.clinic.truths import YEAR
from app.demo.clinic.writing import Writer
from app.demo.clinic.year import Year, invent
from app.demo.fhir_client import told_of
from app.demo.run import Demo, Making, desk_of, prepare, served
from app.demo.seed import TurnedClock
from app.main import CHORES

TO_LOOK_AT: Final = "invented-rabbit-hole-1"


def run_clinic(folder: Path, port: int, *, once: bool) -> None:
    """Prepares, serves, and either holds what is told against what is planted, once, or stays until it is stopped.

    Raises typer.Exit with 1 where they do not agree.
    """
    set_up_logs(level=logging.WARNING)
    demo, year = prepare(folder.resolve(), THE_YEAR), invent(YEAR)
    with served(demo.settings, port) as base:
        headers = {"Authorization": f"Bearer {demo.key}"}
        with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
            if once:
                _compare(client, year)
                return
            couple = client.get("/v1/couples", params={"external_id": TO_LOOK_AT}).json()["items"][0]["id"]
        _announce(demo, year, base, couple)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("Stopped.")


def _write(app: FastAPI, key: str, clock: TurnedClock, start: datetime) -> int:
    """Writes the year and does all that falls due after it, so that whoever serves it next need not."""
    year, runtime = invent(YEAR), app.state.runtime
    Writer(Hand(runtime, clock, key), year, start).write()
    for clinic_id in runtime.database.clinic_ids():
        for chore in CHORES:
            chore.run(runtime, clinic_id)
    return len(year.pairs)


THE_YEAR: Final = Making(f"{YEAR.couples} invented couples and a year of their care", "two minutes", YEAR.weeks, _write)


def _compare(client: httpx.Client, year: Year) -> None:
    """Prints each truth beside what the service says. Raises typer.Exit."""
    planted = {truth.what: truth.value for truth in truths(year)}
    agree = True
    for one in Comparing(client, year).compare():
        agree = agree and one.agrees
        typer.echo(f"{one.what}\n  planted  {planted[one.what]}")
        typer.echo(f"  told     {one.told}{'' if one.agrees else '   <- NOT AS PLANTED'}")
    if not agree:
        raise typer.Exit(1)


def _announce(demo: Demo, year: Year, base: str, couple: str) -> None:
    headers = f'-H "Authorization: Bearer {demo.key}"'
    typer.echo("\nPlanted in this clinic, and nothing else (docs/how-to/demo-clinic.md):")
    for truth in truths(year):
        typer.echo(f"  {truth.what:44}{truth.value}")
    typer.echo(
        f"""
API documentation  {base}/docs   (works offline; press Authorize and paste the key)
Key                {demo.key}
                   of the therapist of all these couples; it lives 90 days

Try:
curl -s {headers} {base}/v1/caseload
curl -s {headers} {base}/v1/clinic/outcomes
curl -s {headers} {base}/v1/couples/{couple}/outcomes
curl -s {headers} {base}/v1/couples/{couple}/outcomes/cycle
curl -s -i {headers} -H "Content-Type: application/json" -d '{{}}' {base}/v1/clinic/direction-analyses
                   (Location in its answer is where to look for the result)

{told_of(demo.fhir, base)}
Desk               {desk_of(demo)}
                   then `rekindle integration add`, `rekindle export` and the others work on this record
Data               {demo.folder / "record" / "rekindle.db"}, keys in {demo.folder / "keys"}; nothing leaves this machine
Stop               Ctrl-C. Start again: the record is kept. Start afresh: remove {demo.folder}

READY {base}"""
    )
