"""The integrator's script, on a made-up file in the study's format."""

import runpy
from pathlib import Path
from random import Random
from statistics import mean, stdev

import pytest
from sqlalchemy import func, select

from app.core.database import Compartment
from app.measures.models import Administration
from tests.conftest import Clinic

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "dres_couples.py"
SCOPES = {"couples:read", "couples:write", "administrations:read", "administrations:write"}


def made_up_file(file: Path) -> list[int]:
    """Writes eight couples, one partner with an empty cell and one with five; returns the complete totals."""
    chance, totals = Random(7), []  # noqa: S311 - made-up answers, not secrets
    lines = ["couple,partner,prqc_1," + ",".join(f"sexsat_{number}" for number in range(1, 6))]
    for number in range(8):
        for partner in "AB":
            answers = [str(chance.randint(1, 7)) for _ in range(5)]
            if partner == "B" and number in {2, 5}:
                answers = [*answers[:4], ""] if number == 2 else [""] * 5
            else:
                totals.append(sum(map(int, answers)))
            lines.append(f"made-{number:03},{partner},7,{','.join(answers)}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return totals


def test_the_script_prints_each_couple_and_the_pooled_mean_and_may_run_twice(
    clinic: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    totals = made_up_file(tmp_path / "made.csv")
    script = runpy.run_path(str(SCRIPT))
    printed: list[list[str]] = []
    for _ in range(2):
        capsys.readouterr()
        client = clinic.integration(f"import {len(printed)}", SCOPES)
        script["run"](client, script["read_rows"](tmp_path / "made.csv"))
        printed.append([line for line in capsys.readouterr().out.splitlines() if line.startswith(("made-", "8 couples"))])
    assert printed[0] == printed[1]
    expected = f"8 couples, complete totals: mean {mean(totals):.2f}, SD {stdev(totals):.2f} (n {len(totals)})"
    assert (len(printed[0]), printed[0][-1]) == (9, expected)
    assert printed[0][5].endswith("skipped")
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        assert session.execute(select(func.count()).select_from(Administration)).scalar_one() == 16
