"""Writes a clinic's dashboard as one HTML page: python dashboard.py PAGE.html --base-url URL (key in REKINDLE_KEY).

The couples that most need a look first, each with its reason and its last scores; then what became of all of them. With
`--couple` and the couple's number, all series of one couple. With `--watch` the page is written anew when something changes.
"""

import argparse
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
WAIT_SECONDS = 20
HEAD = """<!doctype html><meta charset="utf-8"><title>Rekindle</title>
<style>
body { font: 16px sans-serif; max-width: 60em; margin: 2em auto }
td, th { padding: .3em .8em; text-align: left; vertical-align: top }
</style>
"""


def get(http: Any, path: str, **query: Any) -> Json:
    """What stands at an address."""
    told: Json = http.get(path, params=query, timeout=WAIT_SECONDS + 30).raise_for_status().json()
    return told


def caseload(http: Any) -> Iterator[Json]:
    """All couples within reach, those that most need a look first."""
    query: Json = {"limit": 200}
    while True:
        page = get(http, "/v1/caseload", **query)
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def spark(line: Json) -> str:
    """A series from its lowest to its highest possible score, up being better. It breaks where there is no score."""
    span = line["high"] - line["low"]
    runs: list[list[str]] = [[]]
    for place, point in enumerate(line["points"]):
        if point["shown"] is None:
            runs.append([])
        else:
            runs[-1].append(f"{place * 10 + 5},{35 - 30 * (point['shown'] - line['low']) / span:.1f}")
    drawn = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="#357" stroke-width="2" stroke-linecap="round"/>'
        for run in ([*run, run[-1]] for run in runs if run)
    )
    name = escape(f"{line['slot'].upper()} {line['measure']}, {line['scale']}")
    return f'<small>{name}</small><br><svg width="130" height="40" role="img"><title>{name}</title>{drawn}</svg><br>'


def row_of(couple: Json) -> str:
    """A couple at a glance. The colour is never shown without its sentence, and it is a word, not a colour alone."""
    name = couple["external_id"] or couple["couple_id"]
    lines = "".join(spark(line) for line in couple["sparklines"] if line["domain"] == "sexual")
    stale = "" if couple["current"] else " (being reckoned anew)"
    cells = (name, couple["colour"], couple["sentence"] + stale, couple["next_step"]["sentence"])
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}<td>{lines}</td></tr>"


def share(figure: Json | None) -> str:
    """A share with its interval; null is withheld, which is not zero."""
    if figure is None:
        return "not told"
    return f"{figure['rate']:.0%} ({figure['low']:.0%} to {figure['high']:.0%}, n {figure['of']})"


def clinic(outcomes: Json) -> str:
    """What became of all couples, on each scale of which it may be told."""
    lines = [
        f"<tr><td>{escape(one['measure'])}, {escape(one['scale'])}</td>"
        + "".join(f"<td>{share(one[name])}</td>" for name in ("improved", "recovered", "deteriorated"))
        + "</tr>"
        for one in outcomes["measures"]
    ]
    head = "<tr><th>scale<th>improved<th>recovered<th>deteriorated</tr>"
    few = f"<p>No scale has {outcomes['minimum']} couples of whom it may be told.</p>"
    return f"<table>{head}{''.join(lines)}</table>" if lines else few


def series_of(slot: str, series: Json) -> str:
    """One scale of one partner: never a class without its basis, nor a turned scale without saying so."""
    change = series["change"]
    judged = f"{change['class']} ({change['basis']['status']})" if change and change["basis"] else "not judged"
    missing = {point["missing"] for point in series["points"] if point["missing"]}
    turned = "turned so that up is better" if series["flipped"] else ""
    cells = (slot.upper(), f"{series['name']}, {series['scale']}", judged, turned, ", ".join(sorted(missing)))
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}<td>{spark(series | {'slot': slot})}</td></tr>"


def one_couple(http: Any, external_id: str) -> str:
    """All series of a couple, with why to look at it first."""
    (couple,) = get(http, "/v1/couples", external_id=external_id)["items"]
    outcomes = get(http, f"/v1/couples/{couple['id']}/outcomes")
    flags = "".join(f"<li>{escape(flag['sentence'])}</li>" for flag in outcomes["flags"])
    lines = [series_of(each["slot"], series) for each in outcomes["partners"] for series in each["series"]]
    head = "<tr><th>partner<th>scale<th>change<th><th>gaps<th></tr>"
    return f"{HEAD}<h1>{escape(external_id)}</h1><ul>{flags}</ul><table>{head}{''.join(lines)}</table>\n"


def page(http: Any) -> str:
    """The whole clinic."""
    couples = "".join(row_of(couple) for couple in caseload(http))
    head = "<tr><th>couple<th>colour<th>why<th>next<th>sexual scores</tr>"
    outcomes = clinic(get(http, "/v1/clinic/outcomes", by="measure"))
    return f"{HEAD}<h1>Caseload</h1><table>{head}{couples}</table><h1>The clinic</h1>{outcomes}\n"


def changes(http: Any) -> Iterator[None]:
    """Once now, and again whenever something has changed; nothing is asked while nothing happens."""
    since = get(http, "/v1/changes", since="latest")["delta"]
    while True:
        yield
        happened = False
        while not happened:
            told = get(http, "/v1/changes", since=since, wait=WAIT_SECONDS)
            since, happened = told["next"] or told["delta"], bool(told["items"])


def main() -> None:
    """Writes the page once, or for as long as it runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--couple", help="the number of one couple in the clinic's software")
    parser.add_argument("--watch", action="store_true")
    given = parser.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['REKINDLE_KEY']}"}
    with httpx.Client(base_url=given.base_url, headers=headers) as http:
        for _ in changes(http) if given.watch else (None,):
            text = one_couple(http, given.couple) if given.couple else page(http)
            given.file.write_text(text, encoding="utf-8")
            print(f"wrote {given.file}", flush=True)


if __name__ == "__main__":
    main()
