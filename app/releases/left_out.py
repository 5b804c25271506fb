"""What of a couple no copy ever holds, and why."""

from collections.abc import Mapping
from typing import Final

# Tables of a couple that no copy holds, each with the reason.
LEFT_OUT: Final[Mapping[str, str]] = {
    "alarm": "what the clinic's office looks into: who worked how, not what is kept of a partner",
    "authorisation_step": "tells through whom an authorisation ended, or that a flag stood: the care team's alone",
    "awaited_showing": "when something that is not shown yet will show: the care team's alone",
    "break_glass": "who opened the record in an emergency: the access report of the ledger tells that",
    "care_team_member": "who works for the clinic, not what it keeps of a partner",
    "clearance": "a decision about both, with what each said alone in its reasons",
    "couple_standing": "reckoned from rows that are in the copy, both partners' side by side",
    "erasure": "the clinic's own account of what it destroyed",
    "key_rotation": "how far keys were renewed",
    "ledger_salt": "hides events from guesses; nothing of anybody can be read from it",
    "legal_hold": "the clinic's own; a hold can tell of a proceeding by the other",
    "ledger_event": "who read what: the access report of the ledger tells that",
    "menu_reveal": "was shown for a while and is shown no more; counted, it would tell what both said",
    "menu_seed": "a secret from which nothing of anybody can be read",
    "note_version": "how a draft came to be: its author's alone, and it names screens and consents",
    "plan_transition": "shown through the one place that knows what shows outside the care team",
    "psychotherapy_file": "kept apart by its author (45 CFR 164.501); there is no right of access to it (164.524(a)(1)(i))",
    "psychotherapy_grant": "the same",
    "psychotherapy_note": "the same",
    "recent_reading": "what a member opened in the last hour, kept so that an alarm can count",
    "release_flag": "protects somebody; a copy that told of it would endanger them",
    "retention_fact": "the clinic's own: which law applies",
    "series_outcome": "reckoned from scores that are in the copy",
    "stage_decision": "holds both partners' answers side by side",
    "stored_answer": "what was answered to a request within a day, kept so that it can be repeated",
}
