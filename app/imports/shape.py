"""What an import takes: of each table the columns it reads, in the export's own names and types, and what it leaves alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.exports.columns import Column, Missing, Type

UNKNOWN: Final = (Missing.UNKNOWN, Missing.NOT_APPLICABLE)


@dataclass(frozen=True)
class Shape:
    """One table that comes in: `columns` are read, those in `needed` have to be there, `key` tells rows of a couple apart."""

    name: str
    columns: tuple[Column, ...]
    needed: frozenset[str]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


def _id(name: str, description: str, missing: tuple[Missing, ...] = ()) -> Column:
    return Column(name, Type.ID, description, missing)


def _optional(name: str, kind: Type, description: str) -> Column:
    return Column(name, kind, description, UNKNOWN)


COUPLE: Final = _id("couple_id", "The couple, by the id of the files; without an external id of its own it becomes that.")
PARTNER: Final = _id("partner_id", "The partner, by the id of the files.")
CONCERN: Final = _id("concern_id", "The concern, by the id of the files.")
ADMINISTRATION: Final = _id("administration_id", "The administration, by the id of the files; its external id, likewise.")

_COUPLES: Final = Shape(
    "couples",
    (
        COUPLE,
        _id("external_id", "The couple's id in other software; unique in the clinic.", UNKNOWN),
        _optional("time_zone", Type.TEXT, "IANA time zone; UTC when not told."),
        _optional("created_at", Type.MOMENT, "When the record of this couple began; now when not told."),
        _optional("archived_at", Type.MOMENT, "When it was put away; not told while in care."),
    ),
    needed=frozenset({"couple_id"}),
    key=("couple_id",),
)
_PARTNERS: Final = Shape(
    "partners",
    (
        COUPLE,
        PARTNER,
        Column("slot", Type.CODE, "Which of the two.", categories=("a", "b")),
        Column("record_number", Type.TEXT, "The clinic's number of this partner's own record."),
        _optional("name", Type.TEXT, "Name; no export holds it."),
        _optional("pronouns", Type.TEXT, "Pronouns; no export holds them."),
        _optional("email", Type.TEXT, "E-mail of this partner alone; no export holds it."),
        _optional("telephone", Type.TEXT, "Telephone of this partner alone; no export holds it."),
        _optional("contact_rules", Type.TEXT, "What to keep to when reaching them; no export holds it."),
    ),
    needed=frozenset({"couple_id", "partner_id", "slot", "record_number"}),
    key=("partner_id",),
)
_EPISODES: Final = Shape(
    "episodes",
    (
        COUPLE,
        _id("episode_id", "The episode of care, by the id of the files."),
        Column("opened_on", Type.DATE, "First day."),
        _optional("closed_on", Type.DATE, "Last day; not told while open."),
        _optional("close_reason", Type.CODE, "Why care ended; told with the last day."),
    ),
    needed=frozenset({"couple_id", "episode_id", "opened_on"}),
    key=("episode_id",),
)
_CONCERNS: Final = Shape(
    "concerns",
    (
        COUPLE,
        _id("episode_id", "The episode it belongs to."),
        CONCERN,
        Column("concern", Type.CODE, "What the couple comes with.", vocabulary="concerns"),
        Column(
            "place", Type.CODE, "`primary` for the one the work starts from.", categories=("primary", "sexual", "downstream")
        ),
        _optional("bearer", Type.CODE, "Who bears it; the relationship when not told."),
        _optional("contributing_factors", Type.TEXT, "What contributes: codes, a `;` between two."),
        _optional("added_at", Type.MOMENT, "When it was added, where it did not come with its episode; no export holds it."),
        _optional("resolved_on", Type.DATE, "When it was settled; not told while open."),
    ),
    needed=frozenset({"couple_id", "episode_id", "concern_id", "concern", "place"}),
    key=("concern_id",),
)
_RATINGS: Final = Shape(
    "concern_ratings",
    (
        COUPLE,
        CONCERN,
        PARTNER,
        Column("rated_at", Type.MOMENT, "When it was said."),
        Column("severity", Type.INTEGER, "What it weighs, 0-10."),
        Column("distressed", Type.BOOLEAN, "Whether this partner calls it a problem."),
    ),
    needed=frozenset({"couple_id", "concern_id", "partner_id", "rated_at", "severity", "distressed"}),
    key=("concern_id", "partner_id", "rated_at"),
)
_ADMINISTRATIONS: Final = Shape(
    "administrations",
    (
        COUPLE,
        PARTNER,
        ADMINISTRATION,
        _id("external_id", "Its id in other software; unique in the clinic.", UNKNOWN),
        Column("measure", Type.CODE, "Measure, by its code in the catalogue.", vocabulary="measures"),
        _optional("mode", Type.CODE, "Who filled it in: `self`, `clinician` or `imported`; `imported` when not told."),
        _optional("language", Type.TEXT, "Language of the form (BCP 47)."),
        Column("answered_at", Type.MOMENT, "When it was answered."),
        _optional("recall_ends_on", Type.DATE, "Last day the answers speak of; the day they were given when not told."),
        _id("supersedes_id", "The administration that this one corrects.", UNKNOWN),
        _optional("scored_by", Type.TEXT, "What computed the scores, where it was done elsewhere; no export holds it."),
    ),
    needed=frozenset({"couple_id", "partner_id", "administration_id", "measure", "answered_at"}),
    key=("administration_id",),
)
_ITEMS: Final = Shape(
    "items",
    (
        COUPLE,
        ADMINISTRATION,
        Column("item", Type.INTEGER, "Number of the item."),
        Column("answer", Type.NUMBER, "The answer as it was given, or why there is none.", tuple(Missing)),
        _optional("reason", Type.CODE, "Why there is no activity behind an answer that says so."),
    ),
    needed=frozenset({"couple_id", "administration_id", "item", "answer"}),
    key=("administration_id", "item"),
)
_SCORES: Final = Shape(
    "scores",
    (
        COUPLE,
        ADMINISTRATION,
        Column("scale", Type.CODE, "Scale."),
        Column("value", Type.NUMBER, "Score as it was computed there.", tuple(Missing)),
        Column("standard_error", Type.NUMBER, "Standard error that came with a score computed elsewhere.", tuple(Missing)),
    ),
    needed=frozenset({"couple_id", "administration_id", "scale", "value"}),
    key=("administration_id", "scale"),
)
SHAPES: Final[Mapping[str, Shape]] = {
    shape.name: shape for shape in (_COUPLES, _PARTNERS, _EPISODES, _CONCERNS, _RATINGS, _ADMINISTRATIONS, _ITEMS, _SCORES)
}
# What an export holds and no import takes. Nobody consents or is cleared by a file, so nothing that only runs with both of
# that comes in; a visit is told by a note that somebody signed; the rest is computed here from what did come in.
LEFT: Final[Mapping[str, str]] = {
    "plans": "A plan runs on clearance and on each partner's own consent, and neither is ever taken from a file.",
    "stages": "Stages belong to plans, which do not come in.",
    "assignments": "Assignments belong to plans, which do not come in.",
    "check_ins": "Check-ins belong to assignments, which do not come in.",
    "check_in_logs": "Check-ins belong to assignments, which do not come in.",
    "visits": "A visit is told by a session note that its author signed; an export has no notes.",
    "changes": "Change is computed here from the scores.",
    "dyad_week": "Weeks are computed here from what comes in.",
    "outcomes": "Outcomes are computed here from what comes in.",
    "tombstones": "An import never deletes.",
}
