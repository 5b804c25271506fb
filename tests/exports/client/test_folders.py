"""One folder after another: what an export goes on from, and what keeps two of them apart."""

from pathlib import Path

import pytest

from app.exports.client.asked import Asked, Recipient
from app.exports.client.ends import PartialError, RefusedError, SchemaChangedError
from app.exports.client.files import disk_told
from app.exports.client.folder import Folder
from tests.exports.client.conftest import Exported, lying_in
from tests.exports.client.serving import Playing, an_export

AUTO = Asked(since="auto")


def test_each_run_goes_on_from_the_token_of_the_one_before_in_a_folder_of_its_own(
    service: Playing, export: Exported, out: Path
) -> None:
    service.files = lambda _body: an_export(seed=len(service.bodies), since=f"t{len(service.bodies)}")
    assert [export(AUTO), export(AUTO), export(AUTO)] == [out / "0001", out / "0002", out / "0003"]
    assert [body.get("since") for body in service.bodies] == [None, "t1", "t2"]
    assert [lying_in(out / f"000{run}") for run in (1, 2, 3)] == [an_export(seed=run, since=f"t{run}") for run in (1, 2, 3)]


def test_the_same_command_every_night_goes_on_where_it_was_cut_off_and_else_begins_the_next(
    service: Playing, export: Exported, out: Path
) -> None:
    service.files = lambda _body: an_export(seed=len(service.bodies), since=f"t{len(service.bodies)}")
    assert export(AUTO, resume=True) == out / "0001"
    service.cut = lambda _name, _at: 1
    with pytest.raises(PartialError):
        export(AUTO, resume=True, patience=0)
    service.cut = lambda _name, _at: None
    assert export(AUTO, resume=True) == out / "0002"
    assert [body.get("since") for body in service.bodies] == [None, "t1"]


def test_a_run_that_failed_does_not_move_the_token(service: Playing, export: Exported, out: Path) -> None:
    service.files = lambda _body: an_export(seed=len(service.bodies), since=f"t{len(service.bodies)}")
    export(AUTO)
    service.cut = lambda _name, _at: 1
    with pytest.raises(PartialError):
        export(AUTO, patience=0)
    service.cut = lambda _name, _at: None
    export(AUTO)
    assert [body.get("since") for body in service.bodies] == [None, "t1", "t1"]
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == ["0001", "0002"]


def test_columns_that_changed_stop_the_next_run_before_anything_is_put_in_place(
    service: Playing, export: Exported, out: Path
) -> None:
    export(AUTO)
    service.files = lambda _body: an_export(since="t2", scores=["id", "version"], couples=["couple_id"], plans=["id"])
    with pytest.raises(SchemaChangedError) as told:
        export(AUTO)
    assert "The table plans is new." in str(told.value)
    assert "Columns of scores were added, removed or are of another type: version." in str(told.value)
    assert not (out / "0002").exists()
    (out / ".state.json").unlink()  # as the sentence says
    assert export(AUTO) == out / "0002"
    assert service.bodies[-1].get("since") is None


@pytest.mark.parametrize(
    "other",
    [Asked(since="auto", tables=("scores",)), Asked(since="auto", formats=("jsonl",)), Asked(since="auto", deidentified=True)],
)
def test_other_tables_or_formats_do_not_go_on_from_the_last(export: Exported, other: Asked) -> None:
    export(AUTO)
    with pytest.raises(SchemaChangedError, match="other tables"):
        export(other)


def test_an_export_for_somebody_else_is_a_whole_one() -> None:
    with pytest.raises(RefusedError, match="leave --since out"):
        Asked(since="auto", recipient=Recipient("insurer", "A", "payment"))


def test_a_token_the_service_does_not_take_any_more_asks_for_a_new_beginning(service: Playing, export: Exported) -> None:
    export(AUTO)
    service.refuse = lambda method, _path: (400, "cursor_invalid") if method == "POST" else None
    with pytest.raises(SchemaChangedError, match=r"Remove .*\.state\.json") as told:
        export(AUTO)
    assert told.value.exit_code == 4


def test_two_commands_do_not_work_in_one_folder(export: Exported, out: Path) -> None:
    with Folder(out).held(), pytest.raises(RefusedError, match="at work"):
        export()


def test_nothing_of_somebody_elses_is_overwritten(export: Exported, out: Path) -> None:
    out.mkdir()
    (out / "scores-0001.csv").write_text("mine")
    with pytest.raises(RefusedError, match="no export put it there"):
        export()
    assert (out / "scores-0001.csv").read_text() == "mine"
    (out / "scores-0001.csv").rename(out / "manifest.json")
    with pytest.raises(RefusedError):
        export()
    assert (out / "manifest.json").read_text() == "mine"


def test_whole_exports_and_numbered_ones_do_not_share_a_folder(export: Exported) -> None:
    export()
    with pytest.raises(RefusedError, match="Choose another folder"):
        export(AUTO)


def test_a_resumed_run_goes_on_with_what_was_asked_for_and_with_nothing_else(service: Playing, export: Exported) -> None:
    service.cut = lambda name, _at: 1 if name == "scores-0002.csv" else None
    with pytest.raises(PartialError):
        export(Asked(tables=("scores",)), patience=0)
    with pytest.raises(RefusedError, match="other options"):
        export(Asked(tables=("plans",)), resume=True)
    service.cut = lambda _name, _at: None
    export(resume=True)
    assert [body["tables"] for body in service.bodies] == [["scores"]]


@pytest.mark.parametrize("name", [".export.json", ".state.json"])
def test_notes_of_an_export_that_somebody_changed_are_not_guessed_at(export: Exported, out: Path, name: str) -> None:
    export(AUTO)
    (out / name).write_text('{"token": 1')
    with pytest.raises(RefusedError, match="not as an export leaves it"):
        export(AUTO)


def test_a_disk_without_room_is_told_as_one_to_resume_and_any_other_trouble_as_one_to_mend(tmp_path: Path) -> None:
    with pytest.raises(PartialError, match="no room"), disk_told(tmp_path):
        raise OSError(28, "No space left on device")
    with pytest.raises(RefusedError, match="Permission denied"), disk_told(tmp_path):
        raise PermissionError(13, "Permission denied", "x")
