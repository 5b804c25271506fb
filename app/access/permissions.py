"""Who may do what, in one table; an operation without a permission cannot be mounted."""

from enum import StrEnum
from typing import Final

from app.core.database import Compartment


class Role(StrEnum):
    """What a member of the clinic is."""

    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    ANALYST = "analyst"


class Permission(StrEnum):
    """What an operation asks for; also the scopes an integration can be given."""

    CATALOGUE_READ = "catalogue:read"
    SCORING = "scoring"
    COUPLES_READ = "couples:read"
    COUPLES_WRITE = "couples:write"
    DIAGNOSES_READ = "diagnoses:read"
    DIAGNOSES_WRITE = "diagnoses:write"
    SAFETY_READ = "safety:read"
    SAFETY_WRITE = "safety:write"
    CONSENTS_WRITE = "consents:write"
    HOMEWORK_READ = "homework:read"
    HOMEWORK_WRITE = "homework:write"
    CHECK_INS_WRITE = "check_ins:write"
    ADMINISTRATIONS_READ = "administrations:read"
    ADMINISTRATIONS_WRITE = "administrations:write"
    FORMS_READ = "forms:read"
    FORMS_WRITE = "forms:write"
    LICENCES_WRITE = "licences:write"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    NOTES_CO_SIGN = "notes:co_sign"
    PSYCHOTHERAPY_READ = "psychotherapy:read"
    PSYCHOTHERAPY_WRITE = "psychotherapy:write"
    OUTCOMES_READ = "outcomes:read"
    CLINIC_OUTCOMES_READ = "clinic_outcomes:read"
    CASELOAD_READ = "caseload:read"
    CHANGES_READ = "changes:read"
    DIRECTION_ANALYSES_READ = "direction_analyses:read"
    DIRECTION_ANALYSES_WRITE = "direction_analyses:write"
    LOCAL_NORMS_READ = "local_norms:read"
    NORM_SETS_WRITE = "norm_sets:write"
    PROTOCOLS_WRITE = "protocols:write"
    LINKS_READ = "links:read"
    LINKS_WRITE = "links:write"
    RELEASES_READ = "releases:read"
    RELEASES_WRITE = "releases:write"
    ERASURES_READ = "erasures:read"
    ERASURES_WRITE = "erasures:write"
    BREACH_SCOPE_READ = "breach_scope:read"
    AUDIT_READ = "audit:read"
    ALARMS_WRITE = "alarms:write"
    ACCESS_REPORTS_READ = "access_reports:read"
    CARE_TEAMS_WRITE = "care_teams:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    INTEGRATIONS_READ = "integrations:read"
    INTEGRATIONS_WRITE = "integrations:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    BREAK_GLASS_OPEN = "break_glass:open"
    BREAK_GLASS_READ = "break_glass:read"
    BREAK_GLASS_REVIEW = "break_glass:review"
    PARTNER_PAGE = "partner_page"
    SIGN_IN = "sign_in"
    SIGN_INS = "sign_ins"
    CREDENTIALS_READ = "credentials:read"
    CREDENTIALS_WRITE = "credentials:write"
    EXPORTS_READ = "exports:read"
    EXPORTS_WRITE = "exports:write"
    DEIDENTIFIED_READ = "deidentified:read"
    FHIR = "fhir"


READING: Final = frozenset(
    {
        Permission.CATALOGUE_READ,
        Permission.SCORING,
        Permission.COUPLES_READ,
        Permission.DIAGNOSES_READ,
        Permission.SAFETY_READ,
        Permission.HOMEWORK_READ,
        Permission.ADMINISTRATIONS_READ,
        Permission.FORMS_READ,
        Permission.NOTES_READ,
        Permission.OUTCOMES_READ,
        Permission.CASELOAD_READ,
        Permission.LINKS_READ,
        Permission.RELEASES_READ,
        Permission.ERASURES_READ,
    }
)
# What only a partner's link opens: nobody who works at the clinic answers in a partner's name, and no software does.
PARTNERS_ALONE: Final = frozenset({Permission.PARTNER_PAGE})
# A signature under somebody else's note is a supervisor's.
SUPERVISING: Final = frozenset({Permission.NOTES_CO_SIGN})
# Psychotherapy notes are their author's: the permission opens nothing but one's own, and to a supervisor what an author showed.
PRIVATE: Final = frozenset({Permission.PSYCHOTHERAPY_READ, Permission.PSYCHOTHERAPY_WRITE})
# What one asks for before one is known, and so is no scope of anybody who is.
STRANGERS: Final = frozenset({Permission.SIGN_IN})
# Every member sees and ends their own sign-ins. Software has none, and none can be granted them.
OWN: Final = frozenset({Permission.SIGN_INS})
# Who gives keys away could let themselves in as anybody, so the administrator alone does, and no machine: proven, and with an
# alarm where it is somebody else's. A therapist who did could read every colleague's couples.
KEYRING: Final = frozenset({Permission.CREDENTIALS_READ, Permission.CREDENTIALS_WRITE})
# Norms hold nothing of any couple, so every member may ask for the clinic's own: a mean over a hundred partners that no single
# one can be taken out of (`measures/baselines.py`), and that all may read once it is adopted. What change may be judged by is a
# decision of the clinic and not of one couple's care: therapists, supervisors and administrators take it, analysts do not.
NORMS: Final = frozenset({Permission.LOCAL_NORMS_READ, Permission.NORM_SETS_WRITE})
# Figures over many couples, from which none can be taken out (`clinical/suppression.py`). Not the administrator's: who reads in
# the trail which couple's record changed when, and these figures before and after, could lay the two side by side.
FIGURES: Final = frozenset({Permission.CLINIC_OUTCOMES_READ})
# Which came first in the clinic as a whole: figures over at least fifty couples that no single one can be taken out of
# (`direction/record.py`), or over a panel that the caller brought. Who treats couples or works with figures may ask; the office
# keeps no clinical content, and so it does not.
DIRECTION: Final = frozenset({Permission.DIRECTION_ANALYSES_READ, Permission.DIRECTION_ANALYSES_WRITE})
# Files hold what their asker's other permissions allow and no more; an analyst's alone let in no table.
EXPORTS: Final = frozenset({Permission.EXPORTS_READ, Permission.EXPORTS_WRITE})
# Rows in which no couple stands alone (`exports/deidentified`): an analyst's and software's, and of nobody who treats couples:
# they would recognise them.
RESEARCH: Final = frozenset({Permission.DEIDENTIFIED_READ})
# Which exercises a clinic uses and where its thresholds lie is decided for all couples alike, like its norms, and never by a
# machine: these rules are what keeps partners safe.
METHODS: Final = frozenset({Permission.PROTOCOLS_WRITE})
# Contracts are kept by the office or, in a practice of one, by the therapist: these two attest licences.
LICENCES: Final = frozenset({Permission.FORMS_READ, Permission.FORMS_WRITE, Permission.LICENCES_WRITE})
# How long records are kept, what stands under a legal hold, what is erased, and whom a breach touched: the office sees to it,
# or the therapist of a practice of one. The office learns ids and days of it, the therapist only of couples they care for.
KEEPING: Final = frozenset({Permission.ERASURES_READ, Permission.ERASURES_WRITE, Permission.BREACH_SCOPE_READ})
# Who did what, and what has to be looked at: the administrator's, who in turn reads nothing of any couple.
OVERSIGHT: Final = frozenset({Permission.AUDIT_READ, Permission.ALARMS_WRITE})
# Who works at the clinic, what its software may do, and who sits on which care team is the administrator's to say. Whoever
# treats couples does not also decide who may read them; a practice of one has its command line for that.
PEOPLE: Final = frozenset(
    {Permission.MEMBERS_READ, Permission.MEMBERS_WRITE, Permission.INTEGRATIONS_READ, Permission.INTEGRATIONS_WRITE}
)
# What software has that holds a SMART scope, and nobody else: which resources, those scopes say (`access/smart.py`).
OF_SMART: Final = frozenset({Permission.FHIR})
# Where the clinic's software is told that something changed: by the administrator, just proven, or by the software itself.
WEBHOOKS: Final = frozenset({Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE})
# In an emergency those who treat couples may open one that is not theirs; whether it was right, others look at afterwards.
EMERGENCY: Final = frozenset({Permission.BREAK_GLASS_OPEN, Permission.BREAK_GLASS_READ})
REVIEW: Final = frozenset({Permission.BREAK_GLASS_READ, Permission.BREAK_GLASS_REVIEW})
# What nobody does over their own work.
OTHERS_ALONE: Final = KEYRING | OVERSIGHT | PEOPLE | WEBHOOKS | SUPERVISING | {Permission.BREAK_GLASS_REVIEW}
DESK: Final = NORMS | METHODS | LICENCES | OVERSIGHT | PEOPLE | WEBHOOKS | REVIEW | KEYRING
ALLOWED: Final[dict[Role, frozenset[Permission]]] = {
    Role.THERAPIST: frozenset(Permission) - PARTNERS_ALONE - STRANGERS - OTHERS_ALONE - RESEARCH - OF_SMART,
    Role.SUPERVISOR: (
        READING
        | NORMS
        | FIGURES
        | DIRECTION
        | METHODS
        | OWN
        | EMERGENCY
        | REVIEW
        | SUPERVISING
        | {Permission.PSYCHOTHERAPY_READ}
    ),
    Role.ADMINISTRATOR: frozenset({Permission.CATALOGUE_READ}) | OWN | DESK | KEEPING,
    Role.ANALYST: (
        frozenset({Permission.CATALOGUE_READ, Permission.SCORING, Permission.LOCAL_NORMS_READ})
        | FIGURES
        | DIRECTION
        | EXPORTS
        | RESEARCH
        | OWN
    ),
}
# Safety belongs to the care team, and session notes leave only as files asked for by name: no machine account holds either.
# Nor can one vouch for a contract; it may upload and read what a member's attestation lets in. Nor does one take a couple from
# whoever sees it, release a file, or erase anything.
GRANTABLE: Final = (
    frozenset(Permission)
    - PARTNERS_ALONE
    - OVERSIGHT
    - STRANGERS
    - OWN
    - KEYRING
    - PEOPLE
    - EMERGENCY
    - REVIEW
    - SUPERVISING
    - PRIVATE
    - OF_SMART
    - {
        Permission.ACCESS_REPORTS_READ,
        Permission.SAFETY_READ,
        Permission.SAFETY_WRITE,
        Permission.NOTES_READ,
        Permission.NOTES_WRITE,
        Permission.LICENCES_WRITE,
        Permission.PROTOCOLS_WRITE,
        Permission.RELEASES_WRITE,
        *KEEPING,
        Permission.CARE_TEAMS_WRITE,
    }
)
# Every integration may ask who it is and read the catalogues, which hold nothing of any couple.
EVERY_INTEGRATION: Final = frozenset({Permission.CATALOGUE_READ})
# What only the care team may ask: in a view of one partner no such operation exists.
OF_SAFETY: Final = frozenset({Permission.SAFETY_READ, Permission.SAFETY_WRITE})
# What is in no view of a partner, whatever it would answer.
NEVER_A_PARTNERS: Final = OF_SAFETY | PRIVATE
CARE_TEAM: Final = frozenset(Compartment)
MACHINE: Final = frozenset(Compartment) - {Compartment.SAFETY}
NOTHING: Final[frozenset[Compartment]] = frozenset()
COMPARTMENTS: Final[dict[Role, frozenset[Compartment]]] = {
    Role.THERAPIST: CARE_TEAM,
    Role.SUPERVISOR: CARE_TEAM,
    Role.ADMINISTRATOR: NOTHING,
    Role.ANALYST: NOTHING,
}
