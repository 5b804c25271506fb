"""A small protocol as a document: what a clinic sends, and a beginning for one of its own."""

from typing import Any, Final

EXAMPLE: Final[dict[str, Any]] = {
    "code": "own_evening_walk",
    "version": "1",
    "name": "An evening for the two of you",
    "sources": [{"text": "Our clinic's own practice", "grade": "proposal"}],
    "targets": ["desire_discrepancy"],
    "participants": "together",
    "shared_touch": False,
    "stages": [
        {
            "number": 1,
            "code": "evening",
            "title": "Time without a task",
            "instructions": ["Take an hour for each other, without screens and without a plan."],
            "rules": ["Either of you may end it at any moment."],
            "plissit": "LI",
            "shared_touch": False,
            "ban": ["intercourse"],
            "company": "together",
        }
    ],
    "dose": {
        "unit": "protected_time",
        "times": [1, 2],
        "per": "week",
        "minutes": [60, 60],
        "weeks": [4, 8],
        "note": "An offer, never a duty.",
        "source": {"text": "Our clinic's own practice", "grade": "proposal"},
    },
    "log_fields": [
        {
            "code": "closeness",
            "kind": "integer",
            "description": "How close it felt.",
            "privacy": "individual",
            "low": 0,
            "high": 10,
            "choices": [],
            "required": True,
            "asked_of": "each",
        }
    ],
    "thresholds": [
        {
            "name": "evenings_needed",
            "value": 2,
            "low": 2,
            "high": 6,
            "meaning": "Evenings within the rules before it is done.",
            "source": {"text": "Our clinic's own practice", "grade": "proposal"},
            "whole": True,
        }
    ],
    "rules": [
        {
            "code": "kept",
            "verdict": "advance",
            "when": {"at_least": "evenings_needed", "of_last": "evenings_needed", "test": {"done": ["within_rules"]}},
            "sentence": "The last evenings were kept within the rules.",
            "stages": [],
            "role": "each",
        }
    ],
    "hard_rules": ["Nobody is asked for more than time."],
    "preconditions": [
        {"code": "time_agreed", "description": "Both said alone that they want this time.", "kind": "relationship"}
    ],
    "contraindications": [
        {"code": "open_hostility", "description": "High open hostility between the partners.", "kind": "relationship"}
    ],
    "evidence": {
        "grade": "consensus",
        "text": "Nobody has tried it by itself.",
        "sources": [{"text": "Our clinic's own practice", "grade": "proposal"}],
    },
}
