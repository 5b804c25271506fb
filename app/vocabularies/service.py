"""Vocabularies, read from what the clinical package knows and what the clinic brought of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.access.work import Work
from app.clinical.answers import REASONS
from app.clinical.concern import Coded, Concern, Domain
from app.clinical.concerns import CONCERNS, excludes1, starting_points
from app.clinical.diagnosis_codes import SYSTEMS, is_billable, status_of
from app.clinical.gaps import MISSING
from app.clinical.gates import PRECONDITIONS, RED_FLAGS
from app.clinical.measures import MEASURES
from app.clinical.protocol import Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS, Precondition, RedFlag
from app.clinical.specifiers import FACTORS
from app.errors import NotFoundError
from app.protocols.service import of_clinic, retired
from app.vocabularies.schemas import (
    CatalogueCode,
    CatalogueConcern,
    CodePair,
    Dsm5tr,
    Icd10cmCode,
    Term,
    Vocabulary,
    VocabularyName,
)


@dataclass(frozen=True)
class Own:
    """What a clinic brought: its protocols, every version of each, oldest first, and which it offers no more."""

    versions: Mapping[str, list[Protocol]]
    retired: frozenset[str]

    @property
    def flags(self) -> Mapping[str, RedFlag]:
        """What its protocols forbid themselves, as the newest version says it."""
        return {flag.code: flag for one in self._all for flag in one.contraindications}

    @property
    def preconditions(self) -> Mapping[str, Precondition]:
        """What its protocols ask for before they start, as the newest version says it."""
        return {condition.code: condition for one in self._all for condition in one.preconditions}

    def naming(self, code: str) -> list[str]:
        """Its protocols of which a version names this flag or precondition: plans may follow any of them."""
        return list(dict.fromkeys(one.code for one in self._all if _names(one, code)))

    def meant_for(self, concern: str) -> list[str]:
        """Its protocols that a new plan for this concern could follow."""
        newest = {code: versions[-1] for code, versions in self.versions.items() if code not in self.retired}
        return [code for code, protocol in newest.items() if concern in protocol.targets]

    @property
    def _all(self) -> list[Protocol]:
        return [one for versions in self.versions.values() for one in versions]


def _own(work: Work) -> Own:
    return Own(of_clinic(work), retired(work))


def _concern(concern: Concern, own: Own) -> Term:
    details = {
        "domain": [str(concern.domain)],
        "kind": ["diagnosable" if concern.diagnosable else "couple"],
        "dsm5tr": [concern.dsm5tr] if concern.dsm5tr else [],
        "icd10cm": list(concern.icd10cm),
        "icd11": [coded.code for coded in concern.icd11],
        "snomed": [coded.code for coded in concern.snomed],
        "protocols": [*concern.protocols, *own.meant_for(concern.slug)],
        "measures": list(concern.measures),
        "starts_at": list(concern.starts_at),
    }
    return Term(code=concern.slug, name=concern.name, details={key: value for key, value in details.items() if value})


def _plain(names: Mapping[Any, str]) -> list[Term]:
    return [Term(code=code, name=name, details={}) for code, name in names.items()]


def _protocols(own: Own) -> list[Term]:
    """Ours, then the clinic's; one that is retired is said to be, because plans and consents still name it."""
    return [Term(code=code, name=protocol.name, details={"origin": ["catalogue"]}) for code, protocol in PROTOCOLS.items()] + [
        Term(
            code=code,
            name=versions[-1].name,
            details={"origin": ["clinic"]} | ({"standing": ["retired"]} if code in own.retired else {}),
        )
        for code, versions in own.versions.items()
    ]


def _conditions(conditions: Mapping[str, RedFlag] | Mapping[str, Precondition], own: Own) -> list[Term]:
    """Terms with their kind and the protocols that name them; one that no protocol names forbids every shared touch."""
    return [
        Term(code=code, name=one.description, details={"kind": [one.kind], "protocols": [*_naming(code), *own.naming(code)]})
        for code, one in conditions.items()
    ]


def _naming(code: str) -> list[str]:
    return [protocol.code for protocol in PROTOCOLS.values() if _names(protocol, code)]


def _names(protocol: Protocol, code: str) -> bool:
    return code in {flag.code for flag in protocol.contraindications} | {one.code for one in protocol.preconditions}


BUILDERS: Final[dict[str, Callable[[Own], list[Term]]]] = {
    "concerns": lambda own: [_concern(concern, own) for concern in CONCERNS.values()],
    "measures": lambda _: _plain({code: measure.name for code, measure in MEASURES.items()}),
    "protocols": _protocols,
    "missing_reasons": lambda _: _plain({reason: reason.replace("_", " ") for reason in REASONS}),
    "missing": lambda _: _plain(MISSING),
    "contributing_factors": lambda _: _plain(FACTORS),
    "coding_systems": lambda _: _plain(SYSTEMS),
    # Our words stand before a clinic's for the same code.
    "red_flags": lambda own: _conditions({**RED_FLAGS, **own.flags, **RED_FLAGS}, own),
    "preconditions": lambda own: _conditions({**PRECONDITIONS, **own.preconditions, **PRECONDITIONS}, own),
    "blockers": lambda _: _plain({blocker.code: blocker.description for blocker in UNIVERSAL_BLOCKERS}),
}


def list_vocabularies(work: Work) -> list[VocabularyName]:
    """Which vocabularies there are."""
    own = _own(work)
    return [VocabularyName(name=name, count=len(build(own))) for name, build in BUILDERS.items()]


def read_vocabulary(work: Work, name: str) -> Vocabulary:
    """One vocabulary with all its words, the clinic's own last. Raises NotFoundError."""
    if name not in BUILDERS:
        raise NotFoundError
    return Vocabulary(name=name, terms=BUILDERS[name](_own(work)))


def list_concerns(work: Work, domain: Domain | None) -> list[CatalogueConcern]:
    """The whole catalogue, or one domain of it; diagnosable concerns first."""
    own = _own(work)
    return [_shown(concern, own) for concern in CONCERNS.values() if domain is None or concern.domain is domain]


def read_concern(work: Work, code: str) -> CatalogueConcern:
    """One concern of the catalogue. Raises NotFoundError."""
    if code not in CONCERNS:
        raise NotFoundError
    return _shown(CONCERNS[code], _own(work))


def _shown(concern: Concern, own: Own) -> CatalogueConcern:
    filed = concern.dsm5tr is not None or concern.dsm5tr_codes
    return CatalogueConcern(
        code=concern.slug,
        name=concern.name,
        domain=concern.domain,
        diagnosable=concern.diagnosable,
        dsm5tr=Dsm5tr(name=concern.dsm5tr, codes=list(concern.dsm5tr_codes)) if filed else None,
        icd10cm=[Icd10cmCode(code=code, status=status_of(code), billable=is_billable(code)) for code in concern.icd10cm],
        icd11=_codes(concern.icd11),
        snomed=_codes(concern.snomed),
        not_together=[CodePair.model_validate(conflict) for conflict in excludes1(concern.icd10cm)],
        starting_points=list(starting_points(concern.slug)),
        protocols=[*concern.protocols, *own.meant_for(concern.slug)],
        measures=list(concern.measures),
        note=concern.note,
    )


def _codes(known: tuple[Coded, ...]) -> list[CatalogueCode]:
    return [CatalogueCode.model_validate(coded) for coded in known]
