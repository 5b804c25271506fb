"""As many invented couples as wanted, in the tables of an export, long past whenever the tests run."""

from typing import Any

Json = dict[str, Any]


def many(couples: int, months: int = 2) -> dict[str, list[Json]]:
    """Couples with one open episode each, both partners answering every month."""
    tables: dict[str, list[Json]] = {
        name: [] for name in ("couples", "partners", "episodes", "concerns", "administrations", "items")
    }
    for number in range(couples):
        own = {"couple_id": f"C{number:05}"}
        tables["couples"].append(own | {"created_at": "2020-01-01T09:00:00Z"})
        tables["episodes"].append(own | {"episode_id": f"E{number}", "opened_on": "2020-01-01"})
        concern = {"episode_id": f"E{number}", "concern_id": f"N{number}", "concern": "desire_discrepancy", "place": "primary"}
        tables["concerns"].append(own | concern)
        for slot in "ab":
            partner = {"partner_id": f"P{number}{slot}"}
            tables["partners"].append(own | partner | {"slot": slot, "record_number": f"R{number}{slot}"})
            for month in range(months):
                name = {"administration_id": f"A{number}{slot}{month}"}
                told = {"measure": "gmsex", "answered_at": f"2020-{month % 12 + 1:02}-15T10:00:00Z"}
                tables["administrations"].append(own | partner | name | told)
                tables["items"] += [own | name | {"item": item, "answer": item} for item in range(1, 6)]
    return tables
