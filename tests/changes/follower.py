"""A reader of the change feed that keeps a copy of all it may see, as a warehouse would."""

from collections.abc import Iterator
from typing import Any

from tests.conftest import Caller

Item = dict[str, Any]


def walk(caller: Caller, since: str | None = None, limit: int = 200) -> Iterator[dict[str, Any]]:
    """Answers of the feed after a token, until it says that this was all."""
    while True:
        query = f"/v1/changes?limit={limit}" + (f"&since={since}" if since else "")
        answer = caller.get(query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        if page["delta"]:
            return
        since = page["next"]


def changed(caller: Caller, since: str | None = None, limit: int = 200) -> tuple[list[Item], str]:
    """What changed after a token, and the token to go on from."""
    pages = list(walk(caller, since, limit))
    return [item for page in pages for item in page["items"]], pages[-1]["delta"]


def now(caller: Caller) -> str:
    """A token of this moment."""
    token: str = caller.get("/v1/changes?since=latest").json()["delta"]
    return token


def named(items: list[Item]) -> list[tuple[str, str]]:
    """What happened to which kind of thing."""
    return [(item["type"], item["op"]) for item in items]
