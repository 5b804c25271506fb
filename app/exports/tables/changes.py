"""Each partner's change on each scale: latest against intake, with what the class rests on."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, get_args
from uuid import UUID

from app.access.permissions import Permission
from app.clinical.change import Change, ChangeClass, Flag, WhyNot
from app.clinical.change_basis import ground
from app.clinical.domains import DOMAINS, domain_of
from app.clinical.norms import ChangeStatus
from app.clinical.track import Track
from app.couples.care import NO_CARE, read_care_of_each
from app.exports.absence import OF_SCORE, absence
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID, MEASURE, PARTNER_ID, SLOT
from app.exports.pages import a_few
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.measures.series import Series, read_series_of_each
from app.outcomes.colour import JUDGED_BY, track_of

TOO_FEW: Final = "too_few_scores"
WEEK: Final = timedelta(weeks=1)
NONE_YET, NOT_SO = (Missing.NOT_YET_DUE,), (Missing.NOT_APPLICABLE,)
COLUMNS: Final = (
    COUPLE_ID,
    PARTNER_ID,
    SLOT,
    MEASURE,
    Column("scale", Type.CODE, "The scale of the measure."),
    Column("domain", Type.CODE, "Which side of the couple's life it measures.", NOT_SO, categories=DOMAINS),
    Column(
        "direction",
        Type.INTEGER,
        "1 where more is better, -1 where less is, 0 where neither end is.",
        minimum=-1,
        maximum=1,
    ),
    Column("administrations", Type.INTEGER, "How often it was given, answered or not.", minimum=1),
    Column("scores", Type.INTEGER, "How many of them have a score that may be read.", minimum=0),
    Column("intake_at", Type.MOMENT, "When the first such score was given.", OF_SCORE),
    Column("intake", Type.NUMBER, "That score, as it was scored.", OF_SCORE),
    Column("latest_at", Type.MOMENT, "When the last one was given; there is none before the second.", NONE_YET),
    Column("latest", Type.NUMBER, "That score.", NONE_YET),
    Column("weeks_followed", Type.NUMBER, "From the first to the last.", NONE_YET, unit="weeks", minimum=0),
    Column("gained", Type.NUMBER, "Points towards the better, whatever the scale's direction.", NONE_YET + NOT_SO),
    Column("index", Type.NUMBER, "Reliable-change index, positive for the better.", NONE_YET + NOT_SO),
    Column("threshold_points", Type.NUMBER, "Smallest reliable change, in points of the scale.", NONE_YET + NOT_SO),
    Column("class", Type.CODE, "What became of it.", categories=get_args(ChangeClass)),
    Column("not_why", Type.CODE, "Why it has no class.", NOT_SO, categories=(*get_args(WhyNot), TOO_FEW)),
    Column("mark", Type.CODE, "What else to know of the change.", NOT_SO, categories=get_args(Flag)),
    Column("cutoff_operator", Type.CODE, "On which side of the line the clinical range lies.", NONE_YET + NOT_SO),
    Column("cutoff", Type.NUMBER, "The line that the class was given with.", NONE_YET + NOT_SO),
    Column("method", Type.CODE, "How change was judged."),
    Column("basis", Type.CODE, "What is known about reliable change on this scale.", categories=get_args(ChangeStatus)),
    Column("norm_set", Type.CODE, "The norms it rests on.", NOT_SO),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for couples in a_few(reading):
        series, cares = read_series_of_each(reading.work, couples), read_care_of_each(reading.work, couples)
        yield [
            _row(couple_id, one, track)
            for couple_id in couples
            for one in sorted(series.get(couple_id, ()), key=lambda one: (one.partner_id, one.measure, one.scale))
            if reading.covers(TABLE.kind, one.slot.compartment, couple_id)
            and (track := track_of(one, cares.get(couple_id, NO_CARE))).looks
        ]


def _row(couple_id: UUID, series: Series, track: Track) -> Row:
    measure, scale, found = track.measure, track.scale, track.change
    basis = ground(measure, scale, JUDGED_BY, None).basis
    why = absence(track.looks[-1].reason)
    latest = track.latest if track.intake and found else None
    return (
        couple_id,
        series.partner_id,
        series.slot.value,
        measure.code,
        scale,
        domain_of(measure, scale) or Missing.NOT_APPLICABLE,
        measure.direction_of(scale),
        len(track.looks),
        len(track.scored),
        track.intake.at if track.intake else why,
        track.intake.value if track.intake else why,
        latest.at if latest else Missing.NOT_YET_DUE,
        latest.value if latest else Missing.NOT_YET_DUE,
        (latest.at - track.intake.at) / WEEK if latest and track.intake else Missing.NOT_YET_DUE,
        *_judged(found),
        basis.method,
        basis.status,
        basis.norm_set or Missing.NOT_APPLICABLE,
    )


def _judged(found: Change | None) -> Row:
    """From the points gained to the line; before there are two scores there is nothing to judge."""
    if found is None:
        due = Missing.NOT_YET_DUE
        return (due, due, due, "not_classifiable", TOO_FEW, Missing.NOT_APPLICABLE, due, due)
    values = (found.gained, found.index, found.threshold_points, found.change_class, found.reason, *(found.flags or (None,)))
    line = (found.cutoff.operator, found.cutoff.value) if found.cutoff else (None, None)
    return tuple(Missing.NOT_APPLICABLE if value is None else value for value in (*values, *line))


TABLE: Final = Table(
    name="changes",
    title="Change since intake",
    description=(
        "One row a partner, measure and scale: in the latest episode of care the last score against the first, judged by "
        "Jacobson and Truax on the measure's own norms. Superseded administrations count nowhere; both partners are never "
        "averaged."
    ),
    permission=Permission.OUTCOMES_READ,
    kind="measures",
    columns=COLUMNS,
    key=("couple_id", "partner_id", "measure", "scale"),
    read=_read,
)
