"""Files that are broken, rows that are none, and couples that a rule refuses: named by row and column, stored not at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.access.permissions import Role
from app.access.seats import MemberUnknownError
from app.core.ids import decode
from app.errors import NotAllowedError
from app.imports.progress import Progress
from app.imports.report import HEADER, Report
from app.imports.service import MembersKeyError, Order, bring_in
from tests.conftest import Clinic
from tests.imports.conftest import Import
from tests.imports.crawl import crawl, write

Imports = Callable[[Clinic], Import]
Json = dict[str, Any]

COUPLES = "couple_id,time_zone\nC1,Europe/Berlin\nC2,UTC\n"
PARTNERS = "couple_id,partner_id,slot,record_number\nC1,P1,a,R1\nC1,P2,b,R2\nC2,P3,a,R3\nC2,P4,b,R4\n"
EPISODES = "couple_id,episode_id,opened_on,closed_on,close_reason\nC1,E1,2026-10-01,,\nC2,E2,2026-10-01,2026-11-01,completed\n"
CONCERNS = (
    "couple_id,episode_id,concern_id,concern,place\nC1,E1,N1,desire_discrepancy,primary\nC2,E2,N2,performance_anxiety,primary\n"
)
RATINGS = "couple_id,concern_id,partner_id,rated_at,severity,distressed\nC1,N1,P1,2026-10-01T12:00:00Z,7,true\n"
ADMINISTRATIONS = (
    "couple_id,partner_id,administration_id,measure,answered_at\n"
    "C1,P1,A1,gmsex,2026-10-05T10:00:00Z\nC2,P3,A2,gmsex,2026-10-05T10:00:00Z\n"
)
ITEMS = "couple_id,administration_id,item,answer\n" + "".join(
    f"{couple},{name},{item},{item}\n" for couple, name in (("C1", "A1"), ("C2", "A2")) for item in range(1, 6)
)
ITEMS_WITH_REASONS = ITEMS.replace("\n", ",\n").replace("answer,", "answer,reason", 1)
SCORES = "couple_id,administration_id,scale,value\nC1,A1,total,15\nC2,A2,total,15.0\n"
WHOLE = {
    "couples": COUPLES,
    "partners": PARTNERS,
    "episodes": EPISODES,
    "concerns": CONCERNS,
    "concern_ratings": RATINGS,
    "administrations": ADMINISTRATIONS,
    "items": ITEMS,
    "scores": SCORES,
}


def lay(folder: Path, **changed: str | bytes | None) -> Path:
    """The files of two couples, some of them changed or left out."""
    folder.mkdir(exist_ok=True)
    for table, text in {**WHOLE, **changed}.items():
        if text is not None:
            (folder / f"{table}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def bring(clinic: Clinic, importing: Imports) -> Import:
    """An import into an empty clinic."""
    return importing(clinic)


def test_files_of_other_software_come_in_with_the_least_they_can_tell(bring: Import, tmp_path: Path) -> None:
    done = bring(lay(tmp_path / "files"))
    assert bring.codes == []
    assert (done.couples, done.refused) == (2, 0)
    tables = crawl(bring.caller)
    assert [row["external_id"] for row in tables["couples"]] == ["C1", "C2"]
    assert {row["external_id"]: row["mode"] for row in tables["administrations"]} == {"A1": "imported", "A2": "imported"}


BROKEN_FILES: dict[str, tuple[dict[str, str | bytes], tuple[str, int, str, str]]] = {
    "an unknown column": ({"couples": "couple_id,timezone\nC1,UTC\n"}, ("couples.csv", 1, "", "column_unknown")),
    "a column twice": ({"couples": "couple_id,couple_id\nC1,C1\n"}, ("couples.csv", 1, "", "column_twice")),
    "a missing column": ({"partners": "couple_id,partner_id,slot\nC1,P1,a\n"}, ("partners.csv", 1, "", "column_missing")),
    "no header": ({"couples": ""}, ("couples.csv", 0, "", "empty")),
    "broken UTF-8": ({"couples": COUPLES.encode() + b"C3,\xff\xfe\n"}, ("couples.csv", 4, "", "not_utf8")),
    "half a file": ({"items": ITEMS[:-1]}, ("items.csv", 11, "", "unfinished")),
    "a quote that never ends": ({"partners": PARTNERS + 'C3,"P5,a,R5\n'}, ("partners.csv", 6, "", "csv_invalid")),
    "a row too short": ({"partners": PARTNERS + "C3,P5,a\n"}, ("partners.csv", 6, "", "wrong_number_of_cells")),
    "an empty cell": ({"partners": PARTNERS + "C3,P5,a,\n"}, ("partners.csv", 6, "record_number", "required")),
    "a word for a number": ({"items": ITEMS + "C1,A1,6,much\n"}, ("items.csv", 12, "answer", "wrong_type")),
    "no number": ({"items": ITEMS + "C1,A1,6,nan\n"}, ("items.csv", 12, "answer", "wrong_type")),
    "a strange missing code": (
        {"episodes": EPISODES + "C1,E3,.later,,\n"},
        ("episodes.csv", 4, "opened_on", "missing_code_unknown"),
    ),
    "another way to write a day": (
        {"episodes": EPISODES + "C1,E3,01.10.2026,,\n"},
        ("episodes.csv", 4, "opened_on", "wrong_type"),
    ),
    "a third slot": ({"partners": PARTNERS + "C3,P5,c,R5\n"}, ("partners.csv", 6, "slot", "not_a_choice")),
    "a row twice": ({"couples": COUPLES + "C1,UTC\n"}, ("couples.csv", 4, "couple_id", "row_twice")),
    "a record number twice": ({"partners": PARTNERS + "C3,P5,a,R1\n"}, ("partners.csv", 6, "record_number", "value_twice")),
}


@pytest.mark.parametrize("what", BROKEN_FILES)
def test_a_broken_file_is_named_by_row_and_column_and_nothing_comes_in(bring: Import, tmp_path: Path, what: str) -> None:
    changed, found = BROKEN_FILES[what]
    done = bring(lay(tmp_path / "files", **changed))
    assert found in bring.codes
    assert done.couples == 0
    assert crawl(bring.caller)["couples"] == []


def test_json_lines_are_checked_as_strictly(bring: Import, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "couples.jsonl").write_text('{"couple_id":"C1"}\n{"couple_id":7}\n{"couple_id":"C1","couple_id":"C2"}\n')
    (folder / "items.jsonl").write_text('{"couple_id":"C1","administration_id":"A1","item":true,"answer":1}\n["C1"]\n')
    (folder / "scores.jsonl").write_text(json.dumps({"_end": True, "rows": 1}) + "\n")
    bring(folder)
    assert bring.codes == [
        ("couples.jsonl", 2, "couple_id", "wrong_type"),
        ("couples.jsonl", 3, "", "json_ambiguous"),
        ("items.jsonl", 1, "item", "wrong_type"),
        ("items.jsonl", 2, "", "json_invalid"),
        ("scores.jsonl", 1, "", "part_damaged"),
    ]


# In which file what stands in place of what ('' is its end), and where the fault is found.
REFUSED_COUPLES: dict[str, tuple[str, str, str, str, int, str]] = {
    "a time zone that is none": ("couples", "Europe/Berlin", "Berlin", "couples.csv", 2, "time_zone"),
    "one partner": ("partners", "C1,P2,b,R2\n", "", "couples.csv", 2, "couple_id"),
    "a relational start": ("concerns", "desire_discrepancy", "relationship_distress", "concerns.csv", 2, "concern"),
    "a suspicion of violence": (
        "concerns",
        "",
        "C1,E1,N3,ipv_suspected_or_confirmed,downstream\n",
        "concerns.csv",
        4,
        "concern",
    ),
    "a concern that is none": ("concerns", "desire_discrepancy", "desire", "concerns.csv", 2, "concern"),
    "no primary concern": ("concerns", "discrepancy,primary", "discrepancy,sexual", "episodes.csv", 2, "episode_id"),
    "an episode of tomorrow": ("episodes", "E1,2026-10-01", "E1,2026-12-01", "episodes.csv", 2, "opened_on"),
    "an end before the beginning": (
        "episodes",
        "E1,2026-10-01,,",
        "E1,2026-10-01,2026-09-01,other",
        "episodes.csv",
        2,
        "closed_on",
    ),
    "an end without a reason": ("episodes", "E1,2026-10-01,,", "E1,2026-10-01,2026-11-01,", "episodes.csv", 2, "close_reason"),
    "a rating before care": ("concern_ratings", "2026-10-01T12", "2026-09-01T12", "concern_ratings.csv", 2, "rated_at"),
    "a rating out of range": ("concern_ratings", ",7,", ",11,", "concern_ratings.csv", 2, "severity"),
    "a rating of nothing": ("concern_ratings", "N1", "N9", "concern_ratings.csv", 2, "concern_id"),
    "a stranger's rating": ("concern_ratings", "P1", "P3", "concern_ratings.csv", 2, "partner_id"),
    "answers from the future": ("administrations", "A1,gmsex,2026", "A1,gmsex,2027", "administrations.csv", 2, "answered_at"),
    "a measure that is none": ("administrations", "A1,gmsex", "A1,gmsx", "administrations.csv", 2, "measure"),
    "a safety screen": ("administrations", "A1,gmsex", "A1,ehits", "administrations.csv", 2, "measure"),
    "an answer out of range": ("items", "C1,A1,3,3", "C1,A1,3,9", "items.csv", 4, "answer"),
    "an item that is none": ("items", "", "C1,A1,6,3\n", "items.csv", 12, "answer"),
    "an item that is not there": ("items", "C1,A1,3,3\n", "", "administrations.csv", 2, "measure"),
    "a reason that is none": (
        *("items", ITEMS, ITEMS_WITH_REASONS.replace("A1,3,3,", "A1,3,,forgot")),
        *("items.csv", 4, "reason"),
    ),
    "answers to nothing": ("items", "", "C1,A9,1,3\n", "items.csv", 12, "administration_id"),
    "a correction of nothing": (
        "administrations",
        ADMINISTRATIONS,
        ADMINISTRATIONS.replace("answered_at\n", "answered_at,supersedes_id\n").replace("0Z\nC2", "0Z,A0\nC2")[:-1] + ",\n",
        *("administrations.csv", 2, "supersedes_id"),
    ),
}


@pytest.mark.parametrize("what", REFUSED_COUPLES)
def test_a_couple_that_a_rule_refuses_stays_out_whole_and_the_others_come_in(bring: Import, tmp_path: Path, what: str) -> None:
    table, old, new, *place = REFUSED_COUPLES[what]
    text = WHOLE[table]
    files = lay(tmp_path / "files", **{table: text.replace(old, new, 1) if old else text + new})
    tried = bring(files, tries=True)
    found = bring.codes
    done = bring(files)
    assert tuple(place) in [(file, row, column) for file, row, column, _code in found]
    assert bring.codes == found
    assert (tried.couples, tried.refused) == (done.couples, done.refused) == (2, 1)
    tables = crawl(bring.caller)
    assert [row["external_id"] for row in tables["couples"]] == ["C2"]
    assert [row["external_id"] for row in tables["administrations"]] == ["A2"]


def test_why_there_is_no_answer_is_read_from_either_column_as_word_or_as_code(bring: Import, tmp_path: Path) -> None:
    text = ITEMS_WITH_REASONS
    for item, cells in enumerate([",skipped", ",.declined", ".not_asked,", ".no_activity,.not_applicable"], start=1):
        text = text.replace(f"C1,A1,{item},{item},", f"C1,A1,{item},{cells}")
    assert bring(lay(tmp_path / "files", items=text, scores=None)).refused == 0
    told = [row["answer_missing"] for row in crawl(bring.caller)["items"] if row["answer"] is None]
    assert told == ["skipped", "declined", "not_asked", "no_activity"]


def test_scores_that_came_are_compared_with_those_the_answers_come_to_here(bring: Import, tmp_path: Path) -> None:
    done = bring(lay(tmp_path / "files", scores=SCORES.replace("A1,total,15", "A1,total,16") + "C2,A2,sum,15\n"))
    assert done.refused == 0
    assert bring.codes == [("scores.csv", 2, "value", "score_differs"), ("scores.csv", 4, "scale", "score_differs")]
    assert {row["value"] for row in crawl(bring.caller)["scores"]} == {15.0}


def test_somebody_else_in_the_place_of_a_partner_refuses_the_couple(bring: Import, tmp_path: Path) -> None:
    bring(lay(tmp_path / "files"))
    done = bring(lay(tmp_path / "files", partners=PARTNERS.replace("P1,a,R1", "P1,a,R9")))
    assert bring.codes == [("partners.csv", 2, "record_number", "partner_differs")]
    assert (done.couples, done.refused) == (2, 1)


def test_what_went_on_since_is_added_and_what_differs_is_told_and_kept(bring: Import, tmp_path: Path) -> None:
    bring(lay(tmp_path / "files"))
    later = {
        "episodes": EPISODES.replace("E1,2026-10-01,,", "E1,2026-10-01,2026-11-20,completed").replace(
            "2026-11-01", "2026-11-02"
        ),
        "concern_ratings": RATINGS.replace(",7,", ",8,") + "C1,N1,P2,2026-10-20T12:00:00Z,2,false\n",
    }
    done = bring(lay(tmp_path / "files", **later))
    assert bring.codes == [("concern_ratings.csv", 2, "severity", "differs"), ("episodes.csv", 3, "closed_on", "differs")]
    assert done.rows["concern_ratings", "new"] == 1
    tables = crawl(bring.caller)
    assert [row["closed_on"] for row in tables["episodes"]] == ["2026-11-20", "2026-11-01"]
    assert sorted(row["severity"] for row in tables["concern_ratings"]) == [2, 7]


def test_answers_alone_find_the_couples_that_are_here(bring: Import, tmp_path: Path) -> None:
    bring(lay(tmp_path / "files"))
    more = tmp_path / "more"
    more.mkdir()
    later = "couple_id,partner_id,administration_id,measure,answered_at\nC1,R2,A3,gmsex,2026-11-05T10:00:00Z\n"
    (more / "administrations.csv").write_text(later + "C9,R2,A4,gmsex,2026-11-05T10:00:00Z\n")
    (more / "scores-0001.csv").write_text("couple_id,administration_id,scale,value\nC1,A3,total,20\n")
    done = bring(more / "administrations.csv", more / "scores-0001.csv")
    assert bring.codes == [("administrations.csv", 3, "couple_id", "couple_unknown")]
    assert (done.couples, done.refused) == (2, 1)
    assert "A3" in [row["external_id"] for row in crawl(bring.caller)["administrations"]]


def test_a_file_that_is_not_the_one_its_manifest_names_comes_in_as_little_as_one_that_is_not_there(
    bring: Import, tmp_path: Path
) -> None:
    files = lay(tmp_path / "files")
    parts = {f"{table}.csv": {"rows": text.count("\n") - 1, "sha256": "0" * 64} for table, text in WHOLE.items()}
    bring(files, manifest={**parts, "items-0002.csv": {"rows": 1, "sha256": ""}})
    assert {code for *_, code in bring.codes} == {"part_damaged", "part_missing"}
    assert crawl(bring.caller)["couples"] == []


def test_a_members_key_brings_nothing_in_and_neither_does_one_without_the_scopes(
    clinic: Clinic, bring: Import, tmp_path: Path
) -> None:
    files = lay(tmp_path / "files")
    for caller, refusal in (
        (clinic.member("thea"), MembersKeyError),
        (clinic.integration("dashboard", {"couples:read"}), NotAllowedError),
    ):
        with pytest.raises(refusal):
            bring_in(clinic.app.state.runtime, Order(caller.key, [files], {}), Report(), bring.state, lambda _done, _of: None)
    assert crawl(bring.caller)["couples"] == []


def test_the_report_holds_every_row_and_no_value(bring: Import, clinic: Clinic, tmp_path: Path) -> None:
    secret = "SENTINEL-7431"
    changed = {
        "items": ITEMS + f"C1,A1,6,{secret}\n",
        "partners": PARTNERS + f"C3,P5,{secret},{secret}\n",
        "couples": f"couple_id,{secret}\n",
    }
    with Report(tmp_path / "report.csv") as report:
        order = Order(bring.caller.key, [lay(tmp_path / "files", **changed)], {})
        done: Progress = bring_in(clinic.app.state.runtime, order, report, bring.state, lambda _done, _of: None)
    told = (tmp_path / "report.csv").read_text()
    assert done.couples == 0
    assert told.splitlines()[0] == ",".join(HEADER)
    assert len(told.splitlines()) == 4
    assert secret not in told


def test_members_who_are_named_get_a_seat_on_every_new_couple(clinic: Clinic, bring: Import, tmp_path: Path) -> None:
    thea = clinic.member("thea")
    bring(lay(tmp_path / "files"), care_team=(decode("mem", thea.holder_id),))
    assert len(thea.get("/v1/couples").json()["items"]) == 2


def test_somebody_who_can_have_no_seat_ends_the_import_before_anything_is_in(
    clinic: Clinic, bring: Import, tmp_path: Path
) -> None:
    office = clinic.member("office", Role.ADMINISTRATOR)
    with pytest.raises(MemberUnknownError):
        bring(lay(tmp_path / "files"), care_team=(decode("mem", office.holder_id),))
    assert crawl(bring.caller)["couples"] == []


def test_a_folder_of_all_tables_says_which_of_them_do_not_come_in(history: Clinic, importing: Imports, tmp_path: Path) -> None:
    files = write(tmp_path / "files", crawl(history.integration()))
    (files / "plans-0001.csv").write_text("couple_id,plan_id\n")
    (files / "couplez.csv").write_text("couple_id\n")
    bring = importing(history)
    bring(files)
    assert sorted(code for *_, code in bring.codes) == ["table_left", "table_unknown"]
