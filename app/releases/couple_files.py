"""Use cases of couple files: what both signed for, or a law compels, put together and released in one step."""

from uuid import UUID

from app.access.work import Work
from app.couples.service import get_couple
from app.disclosures.rules import Days, Ground, PsychotherapyStandsAloneError, check_kinds, check_own
from app.disclosures.service import Recipient, Release, check_release, disclose
from app.errors import Fault
from app.releases.contents import Wanted, put_together
from app.releases.schemas import CoupleFileCreate, CoupleFileRead

PSYCHOTHERAPY_STAYS = "Psychotherapy notes are in no file made here; what is told of them is recorded as a disclosure."


def release_file(work: Work, couple_id: UUID, body: CoupleFileCreate) -> CoupleFileRead:
    """Makes the file, exactly what was named and covered, and keeps what left. Raises what `check_release` raises."""
    get_couple(work, couple_id)
    check_kinds(body.kinds, "/kinds")
    check_own(body.kinds)
    if "psychotherapy_notes" in body.kinds:
        raise PsychotherapyStandsAloneError(PSYCHOTHERAPY_STAYS, (Fault("/kinds", "stands_alone", PSYCHOTHERAPY_STAYS),))
    kinds, days = frozenset(body.kinds), Days(body.from_on, body.to_on)
    reaches: dict[str, frozenset[str]] = {place: kinds - {"safety"} for place in body.places}
    if "safety" in kinds:
        reaches |= {
            place.replace("individual", "safety"): frozenset({"safety"}) for place in body.places if place != "conjoint"
        }
    release = Release(
        couple_id,
        Ground(body.ground),
        Recipient(body.recipient_kind, body.recipient),
        body.purpose,
        reaches,
        days,
        tuple(body.authorisations),
        reference=body.reference,
    )
    check_release(work, release)
    file = put_together(work, couple_id, Wanted("Couple record", reaches, days, body.part_2))
    release_id = disclose(work, release, file.left, file.hashes["json"])
    return CoupleFileRead(
        release_id=release_id,
        sha256=file.hashes,
        json_text=file.as_json.decode(),
        html_text=file.as_html.decode(),
    )
