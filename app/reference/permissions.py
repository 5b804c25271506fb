"""The page of permissions: roles, scopes and compartments."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from app.access.actor import reached
from app.access.permissions import ALLOWED, COMPARTMENTS, GRANTABLE, MACHINE, OF_SAFETY, PARTNERS_ALONE, Permission, Role
from app.core.database import Base, Compartment, ShareableRow
from app.core.sharing import Kind, Level
from app.couples.models import Slot
from app.partner_pages.door import OPENS
from app.reference.api import ApiOperation
from app.reference.markdown import Page, code, link, section, table
from app.sharing.rules import LEVELS

YES: Final = "yes"
NO: Final = "-"
HOLDS: Final[Mapping[Compartment, str]] = MappingProxyType(
    {
        Compartment.CONJOINT: "what belongs to the couple: plans, assignments, notes of hours with both",
        Compartment.INDIVIDUAL_A: "partner A's answers and check-ins, and notes of hours with A alone",
        Compartment.INDIVIDUAL_B: "partner B's answers and check-ins, and notes of hours with B alone",
        Compartment.SAFETY: "screens, clearances, consents, willingness, felt pressure, force, why a plan truly paused",
    }
)

# What the rows of a table are called here, by its name, and what of them opens at `full` alone.
OPENED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "score": "totals, change and class of every measure that does not ask of safety",
        "administration": "the answers to these measures",
        "check_in": "whether each exercise was done, and when",
        "concern_rating": "how much each concern weighs",
        "concern_framing": "the concerns in this partner's own words",
        "diagnosis": "diagnoses, but for those that only the care team may know",
        "diagnosis_status": "their history",
        "exclusion_override": "why two stand together",
    }
)
IN_FULL: Final[Mapping[str, str]] = MappingProxyType({"check_in": "moods, pain, log and note, but nothing kept in `safety`"})


def page(operations: Sequence[ApiOperation]) -> Page:
    """Who may do what, and which rows their reads reach."""
    return Page(
        "permissions.md",
        "Permissions",
        "What each role may do, what an integration can be given, and which compartments each of them reads.",
        (
            (
                "Two questions come before every answer. *May this role do this at all?* That is the first table. *For this "
                "couple, and these rows?* A member reaches the couples on whose care team they are; an integration reaches "
                "every couple of its clinic. Within a couple the second table says which compartments they read."
            ),
            section("Roles and permissions", _matrix(operations), _note()),
            section("Compartments", _compartments(), _narrowing()),
            section("Views and sharing", _views(), sharing_table()),
        ),
    )


def _matrix(operations: Sequence[ApiOperation]) -> str:
    head = ("permission", *Role, "scope for integrations", "a partner's link", "operations")
    rows = (
        (
            code(permission),
            *(_yes(permission in ALLOWED[role]) for role in Role),
            _yes(permission in GRANTABLE),
            _by_link(permission),
            str(sum(operation.permission == permission for operation in operations)),
        )
        for permission in Permission
    )
    return table(head, rows)


def _by_link(permission: Permission) -> str:
    """What a link has to be for; every link may show its own page."""
    if permission in PARTNERS_ALONE:
        return "each"
    return ", ".join(f"`{purpose}`" for purpose, opened in OPENS.items() if opened is permission) or NO


def _note() -> str:
    return (
        "A partner's link does one thing for one partner: the column names the purposes of links that do it, through the "
        "operations under `/p/{link}` and no others. "
        "A scope is given with `rekindle integration add NAME --scope ...`; an integration without scopes may do nothing. "
        f"Which operation asks for which permission: {link('operations', 'operations.md')}."
    )


def _compartments() -> str:
    head = ("compartment", "holds", *Role, "integration", "A's link", "B's link")
    rows = (
        (
            code(compartment),
            HOLDS[compartment],
            *(_yes(compartment in COMPARTMENTS[role]) for role in Role),
            _yes(compartment in MACHINE),
            *(_yes(compartment in reached(slot.compartment)) for slot in Slot),
        )
        for compartment in Compartment
    )
    return table(head, rows)


def _narrowing() -> str:
    return (
        "Rows out of reach are not hidden afterwards; they are never read. Reach is no permission: a row is read only by "
        "whoever has both, so no integration reads a session note, and a link reads only what its page asks. "
        "How safety works day to day: "
        f"{link('consent and safety', '../clinical/consent-and-safety.md')}. Psychotherapy notes lie in none of these "
        "compartments: nobody's reach holds them, and the two permissions open nothing but one's own, or what an author shows "
        f"a supervisor for a while ({link('notes', '../clinical/notes.md')})."
    )


def _views() -> str:
    return (
        "Whoever acts for one partner, a member or an integration, narrows their own reach with `?as=partner_a` or "
        "`?as=partner_b`, which every read about couples takes: to what is conjoint, to that partner's own compartment, "
        "and to what the other partner lets them read. Operations that ask for "
        f"{' or '.join(code(permission) for permission in sorted(OF_SAFETY))} exist in no view of a partner. What that means: "
        f"{link('who sees what', '../clinical/who-sees-what.md')}."
    )


def sharing_table() -> str:
    """What each level of each kind opens in the other partner's view, row by row as it is read."""
    head = ("kind", "level", "opens in the other partner's view")
    rows = (
        (code(kind), code(level), "; ".join(_opened(kind, level)))
        for kind in Kind
        for level in LEVELS[kind]
        if level is not Level.NONE
    )
    return table(head, rows)


def _opened(kind: Kind, level: Level) -> Iterator[str]:
    tables = {
        row.__tablename__: row
        for row in ShareableRow.__subclasses__()
        if row.kind is kind and level.holds(row.shared_from) and issubclass(row, Base)
    }
    for name, told in OPENED.items():
        if name in tables:
            yield told
            if level is Level.FULL and name in IN_FULL:
                yield IN_FULL[name]


def _yes(holds: bool) -> str:  # noqa: FBT001 - a cell of a table of yes and no
    return YES if holds else NO
