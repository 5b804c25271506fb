"""What the tables of an export are: their columns and types, so that one that goes on from another fits it."""

from typing import Any

from app.exports.client.folder import STATE, Folder, Journal, Shape


def shape_of(descriptor: dict[str, Any]) -> Shape:
    """The tables that a `datapackage.json` describes."""
    return {
        resource["name"]: [[each["name"], each["type"]] for each in resource["schema"]["fields"]]
        for resource in descriptor["resources"]
    }


def difference(before: Shape, now: Shape) -> str:
    """A sentence a difference."""
    gone, come = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
    told = [f"There is no table {name} any more." for name in gone] + [f"The table {name} is new." for name in come]
    for name in sorted(before.keys() & now.keys()):
        was, is_now = {tuple(each) for each in before[name]}, {tuple(each) for each in now[name]}
        changed = sorted({each[0] for each in was ^ is_now})
        if changed:
            told.append(f"Columns of {name} were added, removed or are of another type: {', '.join(changed)}.")
        elif before[name] != now[name]:
            told.append(f"The columns of {name} stand in another order.")
    return " ".join(told)


def start_anew(folder: Folder, journal: Journal) -> str:
    """What to do when it cannot go on from last time."""
    if journal.run is None:
        return "Export without --since, and load it in place of what you have."
    return f"Remove {folder.path / STATE}: the next run is then a whole export, to be loaded in place of what you have."
