import csv
import io
import re

import pytest

from app.clinical.measure import Measure
from app.clinical.scoring import score
from app.exports.codebook import OURS, REDCAP, codebook
from app.exports.columns import Column, Type
from app.exports.measured import exported_measures, formula_of, variable_of
from app.exports.tables import tables
from tests.exports.described import COLUMNS, table_of

EVERY = list(tables().values())
MEASURES = exported_measures()


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_it_has_the_columns_of_a_redcap_data_dictionary_first() -> None:
    """The order in which REDCap exports and imports its data dictionary."""
    told = lines(codebook(EVERY))
    assert list(told[0])[:18] == list(REDCAP)
    assert list(told[0])[18:] == list(OURS)
    assert (REDCAP[0], REDCAP[3], REDCAP[5], REDCAP[17]) == (
        "Variable / Field Name",
        "Field Type",
        "Choices, Calculations, OR Slider Labels",
        "Field Annotation",
    )


def test_variables_are_such_as_redcap_takes_and_each_is_there_once() -> None:
    told = lines(codebook(EVERY))
    names = [line["Variable / Field Name"] for line in told]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,99}", name) for name in names)
    assert {line["Field Type"] for line in told} == {"text", "radio", "truefalse", "calc"}
    assert all(line["Choices, Calculations, OR Slider Labels"] for line in told if line["Field Type"] in {"radio", "calc"})


def test_there_is_a_line_a_column_and_a_line_a_scale_and_item() -> None:
    told = lines(codebook(EVERY))
    assert [(line["table"], line["column"]) for line in told if line["table"]] == [
        (table.name, column.name) for table in EVERY for column in table.columns
    ]
    assert {(line["measure"], line["scale"]) for line in told if line["scale"]} == {
        (measure.code, scale.code) for measure in MEASURES for scale in measure.scales
    }
    assert {(line["measure"], int(line["item"])) for line in told if line["item"]} == {
        (measure.code, item.number) for measure in MEASURES for item in measure.items
    }


def test_a_column_says_all_that_is_known_of_it() -> None:
    told = {line["column"]: line for line in lines(codebook([table_of([])]))}
    count = told["count"]
    assert (count["type"], count["unit"], count["missing_codes"]) == ("integer", "times", "not_asked")
    assert (count["Text Validation Min"], count["Text Validation Max"], count["Required Field?"]) == ("0", "10", "")
    assert told["code"]["Choices, Calculations, OR Slider Labels"] == "a, a | b, b"
    assert (told["couple_id"]["Identifier?"], told["words"]["Identifier?"]) == ("y", "")
    assert told["always"]["Required Field?"] == "y"


def test_no_wording_of_an_item_is_in_it() -> None:
    wordings = [item.wording for measure in MEASURES for item in measure.items if item.wording]
    assert wordings
    content = codebook(EVERY).decode()
    assert not [words for words in wordings if words in content]


def test_no_cell_of_it_is_run_by_a_spreadsheet() -> None:
    trap = Column("trap", Type.TEXT, "=HYPERLINK(0).")
    assert lines(codebook([table_of([], (COLUMNS[0], trap))]))[1]["Field Label"] == "'=HYPERLINK(0)."


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.code)
def test_a_formula_gives_what_scoring_gives(measure: Measure) -> None:
    computed = [scale for scale in measure.scales if formula_of(measure, scale)]
    assert all(scale.scored_elsewhere for scale in measure.scales if scale not in computed)
    tried = 0
    for example in measure.examples:
        if example.reported:
            continue
        found = score(measure, example.answers, example.reasons).scales
        values = {variable_of(measure, number): answer for number, answer in example.answers.items()}
        values |= {variable_of(measure, scale): value for scale, value in found.items()}
        for scale in computed:
            formula = formula_of(measure, scale)
            names = re.findall(r"\[(\w+)\]", formula)
            if found[scale.code] is not None and all(values.get(name) is not None for name in names):
                assert _reckoned(formula, values) == pytest.approx(found[scale.code], abs=1e-6)
                tried += 1
    assert tried or not computed


def _reckoned(formula: str, values: dict[str, float | None]) -> float:
    """The value of a formula: sums, products and differences of numbers and names, and nothing else."""
    filled = re.sub(r"\[(\w+)\]", lambda name: f"({values[name[1]]!r})", formula)
    assert re.fullmatch(r"[sum0-9.e()+*, -]+", filled)
    return float(eval(filled, {"__builtins__": {}}, {"sum": lambda *terms: sum(terms)}))  # noqa: S307 - numbers alone, see above
