"""A measure's worked examples, scored as the service scores them."""

from itertools import groupby

from app.clinical.measure import Example, Measure
from app.clinical.reported import Report, Reported, report
from app.clinical.scoring import ScoreSheet, score
from app.reference.markdown import code, codes, listed, table


def examples(measure: Measure) -> str:
    """A table of answers, their scores and what is told."""
    return table(("example", "answers by item", "score", "what is told"), (_row(measure, one) for one in measure.examples))


def _row(measure: Measure, example: Example) -> tuple[str, ...]:
    if example.reported:
        reported = report(measure, Reported(example.reported))
        return example.note, "scored elsewhere", _scores(reported), _told(reported)
    sheet = score(measure, example.answers, example.reasons)
    return example.note, _answers(example), _scores(sheet), _told(sheet)


def _answers(example: Example) -> str:
    said = {
        number: example.reasons[number].replace("_", " ") if answer is None else f"{answer:g}"
        for number, answer in example.answers.items()
    }
    runs = [list(run) for _, run in groupby(sorted(said), key=said.__getitem__)]
    return ", ".join(f"{_items(run)}: {said[run[0]]}" for run in runs)


def _items(run: list[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def _scores(sheet: ScoreSheet | Report) -> str:
    given = {scale: "none" if value is None else f"{round(value, 2):g}" for scale, value in sheet.scales.items()}
    return (
        next(iter(given.values())) if len(given) == 1 else ", ".join(f"{code(scale)} {told}" for scale, told in given.items())
    )


def _told(sheet: ScoreSheet | Report) -> str:
    parts = [
        *([] if sheet.validity == "valid" else [sheet.validity.replace("_", " ")]),
        *(["prorated"] if isinstance(sheet, ScoreSheet) and sheet.prorated else []),
        *([listed(sheet.meanings)] if sheet.meanings else []),
        *(band.meaning.replace("_", " ") for band in sheet.bands),
        *_alerts(sheet),
    ]
    return "; ".join(parts)


def _alerts(sheet: ScoreSheet | Report) -> list[str]:
    raised = sheet.alerts if isinstance(sheet, ScoreSheet) else ()
    return [f"alert {codes(alert.code for alert in raised)}"] if raised else []
