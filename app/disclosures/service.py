"""The one way out: whether a release may leave, and the row that says it did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.ids import new_id
from app.couples.models import Couple, Partner, Slot
from app.couples.service import partners_of
from app.disclosures.models import Authorisation, AuthorisationSignature, AuthorisationStep, Disclosure, ReleaseFlag
from app.disclosures.rules import (
    COMPELLING,
    OPENS_PSYCHOTHERAPY,
    PSYCHOTHERAPY,
    Days,
    Ground,
    PrivilegeAssertedError,
    Reaches,
    ReleaseInPreparationError,
    ReleaseNotAuthorisedError,
    Standing,
    check_psychotherapy_alone,
    is_covered,
    stands,
)
from app.errors import Fault, NotFoundError

EVERYTHING: Final = frozenset(Compartment)
CONJOINT: Final = str(Compartment.CONJOINT)
ALWAYS: Final = Days()
SEEN_TO: Final = "seen_to"
ENDED: Final = "ended"


class WrongContentError(RuntimeError):
    """More was about to leave than the release covers; a defect, never a caller's doing."""


@dataclass(frozen=True)
class Recipient:
    """Who is to receive something."""

    kind: str
    name: str

    def is_meant_by(self, kind: str, name: str) -> bool:
        """Whether an authorisation for `kind` and `name` is for this recipient; a partner is one of `both_partners`."""
        if self.kind in {"partner_a", "partner_b"}:
            return kind in {self.kind, "both_partners"}
        return kind == self.kind and (kind == "both_partners" or name.strip().casefold() == self.name.strip().casefold())


@dataclass(frozen=True)
class Release:
    """What is to leave, by whose it is: `conjoint`, `individual_a`, `safety_a` (that partner's own screens) and so on.

    `individual` is the partner who asks for their own, under the ground of access.
    """

    couple_id: UUID
    ground: Ground
    recipient: Recipient
    purpose: str
    reaches: Reaches
    days: Days = ALWAYS
    authorisations: tuple[UUID, ...] = ()
    individual: UUID | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Signed:
    """An authorisation with all that decides whether it carries a release."""

    row: Authorisation
    recipient: str
    signatures: Sequence[AuthorisationSignature]
    seen_to: bool
    standing: Standing
    places: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def reaches(self) -> Reaches:
        """Which kinds it covers, by whose they are: a joint one what is both's, each signature what its partner added."""
        covered: dict[str, frozenset[str]] = {}
        for signature in self.signatures:
            own = frozenset(self.row.kinds if self.row.partner_id else signature.own_kinds)
            covered[own_place(self.places[signature.partner_id])] = own
            covered[safety_place(self.places[signature.partner_id])] = own & {"safety"}
        if self.row.partner_id is None:
            covered[CONJOINT] = frozenset(self.row.kinds)
        return covered


def own_place(slot: str) -> str:
    """`individual_a`."""
    return f"individual_{slot}"


def safety_place(slot: str) -> str:
    """`safety_a`."""
    return f"safety_{slot}"


def lock_couple(work: Work, couple_id: UUID) -> None:
    """Lets a release, a flag, a hold and an erasure of one couple come one after the other. Raises NotFoundError."""
    if work.session.scalars(select(Couple.id).where(Couple.id == couple_id).with_for_update()).one_or_none() is None:
        raise NotFoundError


def check_release(work: Work, release: Release) -> None:
    """Whether it may leave now; everything that takes data out of the clinic asks this, through `disclose`.

    Whether it is covered is told first, so that what follows is the same sentence for a flag and for a clinician who has not
    seen to it yet. Raises ReleaseNotAuthorisedError, PrivilegeAssertedError, PsychotherapyStandsAloneError,
    ReleaseInPreparationError.
    """
    lock_couple(work, release.couple_id)
    with work.session.reaching(EVERYTHING):
        named = load(work, release.couple_id, release.authorisations)
        carried = [one for one in named if _carries(one, release)]
        if len(named) < len(set(release.authorisations)) or len(carried) < len(named) or not _is_open(work, release, carried):
            raise PrivilegeAssertedError if release.ground is Ground.SUBPOENA else ReleaseNotAuthorisedError
        waiting = [one for one in carried if not one.seen_to]
        flagged = _flags(work, release)
    if waiting or flagged:
        raise ReleaseInPreparationError(faults=_why(waiting, flagged) if work.sees_safety else ())


def _carries(signed: Signed, release: Release) -> bool:
    days = Days(signed.row.from_on, signed.row.to_on)
    meant = release.recipient.is_meant_by(signed.row.recipient_kind, signed.recipient)
    return signed.standing is Standing.RUNNING and days.hold(release.days) and meant


def _is_open(work: Work, release: Release, carried: Iterable[Signed]) -> bool:
    if check_psychotherapy_alone(release.reaches):
        return release.ground in OPENS_PSYCHOTHERAPY or _both_let_psychotherapy_go(work, release, carried)
    if release.ground in COMPELLING:
        return True
    covered: dict[str, frozenset[str]] = {}
    for reaches in (*(one.reaches for one in carried), _their_own(work, release)):
        for place, kinds in reaches.items():
            covered[place] = covered.get(place, frozenset()) | kinds
    return is_covered(release.reaches, covered)


def _both_let_psychotherapy_go(work: Work, release: Release, carried: Iterable[Signed]) -> bool:
    willing = {one.row.partner_id for one in carried if one.row.kinds == [PSYCHOTHERAPY]}
    return (
        release.ground is Ground.AUTHORISATION and {partner.id for partner in partners_of(work, release.couple_id)} <= willing
    )


def _their_own(work: Work, release: Release) -> Reaches:
    """What an individual may have without anybody's leave: all of their own (45 CFR 164.524, GDPR 15)."""
    if release.ground is not Ground.ACCESS:
        return {}
    slot = next((partner.slot for partner in partners_of(work, release.couple_id) if partner.id == release.individual), None)
    if slot is None or release.recipient.kind != f"partner_{slot}":
        return {}
    return {place: release.reaches.get(place, frozenset()) for place in (own_place(slot), safety_place(slot))}


def _flags(work: Work, release: Release) -> list[ReleaseFlag]:
    against = ["everyone", *(kind for kind in ("partner_a", "partner_b") if release.recipient.kind in {kind, "both_partners"})]
    query = select(ReleaseFlag).where(
        ReleaseFlag.couple_id == release.couple_id, ReleaseFlag.lifted_at.is_(None), ReleaseFlag.against.in_(against)
    )
    return list(work.session.scalars(query))


def _why(waiting: Sequence[Signed], flagged: Sequence[ReleaseFlag]) -> tuple[Fault, ...]:
    """For the care team alone."""
    faults = [Fault("/authorisations", "not_seen_to", "A clinician has to see to this authorisation first.") for _ in waiting]
    faults += [
        Fault("", "held_back", "A flag of this couple holds releases back; lift it with a reason first.") for _ in flagged
    ]
    return tuple(faults)


def load(work: Work, couple_id: UUID, authorisation_ids: Iterable[UUID]) -> list[Signed]:
    """Authorisations of a couple with their signatures; the caller decides how far they may be read."""
    ids = list(dict.fromkeys(authorisation_ids))
    query = (
        select(Authorisation).where(Authorisation.couple_id == couple_id, Authorisation.id.in_(ids)).order_by(Authorisation.id)
    )
    rows = list(work.session.scalars(query.with_for_update()))
    return signed(work, couple_id, rows)


def signed(work: Work, couple_id: UUID, rows: Sequence[Authorisation]) -> list[Signed]:
    """Where each authorisation stands, whatever the caller reaches: a signature out of reach counts too."""
    ids = [row.id for row in rows]
    with work.session.reaching(EVERYTHING):
        slots = {partner.id: str(Slot(partner.slot)) for partner in partners_of(work, couple_id)}
        signatures = list(
            work.session.scalars(
                select(AuthorisationSignature)
                .where(AuthorisationSignature.couple_id == couple_id, AuthorisationSignature.authorisation_id.in_(ids))
                .order_by(AuthorisationSignature.id)
            )
        )
        seen = set(
            work.session.scalars(
                select(AuthorisationStep.authorisation_id).where(
                    AuthorisationStep.couple_id == couple_id,
                    AuthorisationStep.authorisation_id.in_(ids),
                    AuthorisationStep.step == SEEN_TO,
                )
            )
        )
    found = []
    for row in rows:
        own = [one for one in signatures if one.authorisation_id == row.id]
        needed = 2 if row.partner_id is None else 1
        standing = stands((one.recorded_at for one in own), needed, row.ended_at, row.expires_at, work.now)
        recipient = work.vault.open(row, "words", row.words)["recipient"]
        found.append(Signed(row, recipient, own, row.id in seen, standing, slots))
    return found


def disclose(
    work: Work,
    release: Release,
    left: Mapping[str, Mapping[str, int]],
    file_sha256: str | None = None,
    disclosed_at: datetime | None = None,
) -> UUID:
    """Checks the release and keeps what left: a row for each place it came from. Returns the id of the release.

    `left` counts rows by place and kind. Raises what `check_release` raises, and WrongContentError when more is to leave than
    the release names.
    """
    check_release(work, release)
    if not is_covered({place: frozenset(counts) for place, counts in left.items()}, release.reaches):
        raise WrongContentError
    release_id = new_id()
    with work.session.reaching(EVERYTHING):
        partners = {str(Slot(partner.slot)): partner for partner in partners_of(work, release.couple_id)}
    full = {place: counts for place, counts in left.items() if any(counts.values())}
    for place in sorted(full or release.reaches):
        row = _row(work, release, release_id, place, partners)
        row.counts = {kind: count for kind, count in sorted(left.get(place, {}).items()) if count}
        row.file_sha256, row.disclosed_at = file_sha256, disclosed_at or work.now
        work.session.add(row)
    work.session.flush()
    return release_id


def _row(work: Work, release: Release, release_id: UUID, place: str, partners: Mapping[str, Partner]) -> Disclosure:
    where, _, slot = place.partition("_")
    row = Disclosure(
        clinic_id=work.actor.clinic_id,
        couple_id=release.couple_id,
        release_id=release_id,
        compartment=Compartment.SAFETY if where == "safety" else Compartment(place),
        partner_id=partners[slot].id if slot else None,
        recipient_kind=release.recipient.kind,
        ground=release.ground,
        authorisations=[str(one) for one in release.authorisations],
        from_on=release.days.first,
        to_on=release.days.last,
        recorded_at=work.now,
        recorded_by_kind=work.actor.kind,
        recorded_by=work.actor.id,
    )
    words = {"recipient": release.recipient.name, "purpose": release.purpose, "reference": release.reference}
    row.words = work.vault.seal(row, "words", words)
    return row
