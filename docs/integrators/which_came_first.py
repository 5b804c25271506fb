"""Asks which of two series came first: python which_came_first.py PANEL.csv [--base-url URL], with the key in REKINDLE_KEY.

The file has the columns unit, occasion, x, y, and partner (a or b) where units are couples; an empty cell or NA is missing.
Without a file it asks about the clinic's own couples. The key needs direction_analyses:write and direction_analyses:read.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

ANALYSES = "/v1/clinic/direction-analyses"
Json = dict[str, Any]


def analysed(client: httpx.Client, asked: Json, wait: Callable[[float], None]) -> Json:
    """Asks, and looks again as often as the service says until it is done."""
    answer = client.post(ANALYSES, json=asked)
    path = answer.headers.get("Location", "")
    while "Retry-After" in answer.raise_for_status().headers:
        wait(float(answer.headers["Retry-After"]))
        answer = client.get(path)
    found: Json = answer.json()
    return found


def lines(name: str, result: Json) -> Iterator[str]:
    """What one model says, a line a path."""
    if not result["usable"]:
        yield f"{name}: no answer ({result['code']}). {result['detail']} {result['missing'] or ''}".rstrip()
    else:
        yield f"{name}: {result['n_units']} units, {result['direction']}. {result['reading']}"
    if fit := result["fit"]:
        yield f"  chi2({fit['df']}) = {fit['chi2']:.3f}, p = {fit['p']:.3f}, CFI {fit['cfi']:.3f}, RMSEA {fit['rmsea']:.3f}"
    for path in result["paths"]:
        at = "" if path["wave"] is None else f" at {path['wave']}"
        unread = "" if path["interpretable"] else " (not to be read)"
        figures = f"{path['estimate']:.3f} (SE {path['se']:.3f}), standardised {path['standardized']:.3f}, p = {path['p']:.3f}"
        yield f"  {path['from']} -> {path['to']}, {path['who']}{at}: {figures}{unread}"


def run(client: httpx.Client, asked: Json, wait: Callable[[float], None]) -> Json:
    """Prints what every model says and how to read it."""
    found = analysed(client, asked, wait)
    print(f"{found['status']}: {found['source']}, as of {found['as_of']}")
    for name, result in found["results"].items():
        print(*lines(name, result), sep="\n")
    print(*found["notes"], sep="\n")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--equal-lags", action="store_true", help="hold the lags of ri_clpm equal over time")
    parser.add_argument("--model", action="append", choices=["within_lagged", "ri_clpm"], help="only this one")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default=os.environ.get("REKINDLE_KEY", ""))
    given = parser.parse_args()
    question: Json = {"equal_lags": given.equal_lags} | ({"models": given.model} if given.model else {})
    if given.file is not None:
        question["csv"] = given.file.read_text(encoding="utf-8")
    with httpx.Client(base_url=given.base_url, headers={"Authorization": f"Bearer {given.key}"}, timeout=60) as session:
        run(session, question, time.sleep)
