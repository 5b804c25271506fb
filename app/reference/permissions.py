"""The page of permissions: roles, scopes and compartments."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from app.access.actor import reached
from app.access.permissions import ALLOWED, COMPARTMENTS, GRANTABLE, MACHINE, PARTNERS_ALONE, Permission, Role
from app.core.database import Compartment
from app.couples.models import Slot
from app.partner_pages.door import OPENS
from app.reference.api import ApiOperation
from app.reference.markdown import Page, code, link, section, table

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
        "An integration that acts for one partner narrows its "
        "own reach with `?as=partner_a` or `?as=partner_b` where an operation offers it. How safety works day to day: "
        f"{link('consent and safety', '../clinical/consent-and-safety.md')}. Psychotherapy notes lie in none of these "
        "compartments: nobody's reach holds them, and the two permissions open nothing but one's own, or what an author shows "
        f"a supervisor for a while ({link('notes', '../clinical/notes.md')})."
    )


def _yes(holds: bool) -> str:  # noqa: FBT001 - a cell of a table of yes and no
    return YES if holds else NO
