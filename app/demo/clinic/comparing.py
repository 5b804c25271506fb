"""Holds what a running service says of the invented year against what was planted in it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from math import sqrt
from typing import Any, Final, Protocol

from app.demo.clinic.planted import FLAGGED, labels, lost, partners_better
from app.demo.clinic.truths import BETTER, RARE, TURNED
from app.demo.clinic.year import Year

Json = dict[str, Any]
PATIENCE_SECONDS: Final = 120.0


class Client(Protocol):
    """What sends requests, with a key."""

    def request(self, method: str, url: str, *, json: Any = None) -> Any:
        """The answer."""
        ...


@dataclass(frozen=True)
class Compared:
    """One truth, what was told of it, and whether they agree."""

    what: str
    told: str
    agrees: bool


class Comparing:
    """Clinic software that knows the truth."""

    def __init__(self, client: Client, year: Year) -> None:
        self._client, self._year = client, year

    def compare(self) -> Iterator[Compared]:
        """One truth after the other."""
        yield self._lead()
        yield self._turned()
        yield from self._flags()
        yield from self._better()
        yield self._rare()
        yield self._lost()

    def _send(self, method: str, path: str, body: Json | None = None) -> Any:
        """What a request is answered with, sent again while the service says that it is busy."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := self._client.request(method, path, json=body)).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            if time.monotonic() > deadline:
                break
            time.sleep(float(answer.headers.get("retry-after", "1")))
        return answer.raise_for_status()

    def _ask(self, path: str) -> Json:
        found: Json = self._send("GET", path).json()
        return found

    @cached_property
    def _outcomes(self) -> dict[str, Json]:
        """Every couple's outcomes, by label."""
        found, path = {}, "/v1/couples?limit=200"
        while path:
            answer = self._send("GET", path)
            for couple in answer.json()["items"]:
                found[couple["external_id"]] = self._ask(f"/v1/couples/{couple['id']}/outcomes")
            path = answer.links["next"]["url"] if "next" in answer.links else ""
        return found

    @cached_property
    def _figures(self) -> Json:
        """The clinic's figures, once everything recorded is in them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := self._ask("/v1/clinic/outcomes"))["up_to_date"]:
            if time.monotonic() > deadline:
                raise RuntimeError("the clinic's figures do not catch up")
            time.sleep(0.5)
        return found

    def _lead(self) -> Compared:
        asked = self._send("POST", "/v1/clinic/direction-analyses", {"models": ["within_lagged"]})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self._ask(asked.headers["Location"]))["status"] not in {"done", "failed"}:
            if time.monotonic() > deadline:
                raise RuntimeError("the analysis does not end")
            time.sleep(0.5)
        model = found["results"].get("within_lagged", {})
        if not model.get("usable"):
            return Compared("what leads", str(model.get("detail")), agrees=False)
        paths = {(path["from"], path["to"]): path for path in model["paths"] if path["who"] == "actor"}
        leads, back = paths["x", "y"], paths["y", "x"]
        holds = leads["standardized_low"] <= self._year.setting.lead <= leads["standardized_high"]
        told = f"{model['direction']}: {_interval(leads)} and back {_interval(back)}"
        return Compared("what leads", told, agrees=holds and model["direction"] == "x_leads")

    def _turned(self) -> Compared:
        rates = [partner["turn_around"] for one in self._outcomes.values() for partner in one["partners"]]
        told = [rate for rate in rates if rate["better"] is not None]
        n, better = sum(rate["n"] for rate in told), sum(rate["better"] for rate in told)
        error = sqrt(TURNED * (1 - TURNED) / n)
        sentence = f"{better} of {n} ({better / n:.1%})"
        return Compared("occasions that turn around", sentence, agrees=abs(better / n - TURNED) < 1.96 * error)

    def _flags(self) -> Iterator[Compared]:
        for code, roles in FLAGGED:
            found = sorted(label for label, one in self._outcomes.items() if code in {flag["code"] for flag in one["flags"]})
            yield Compared(code, ", ".join(found) or "nobody", agrees=found == labels(self._year, *roles))

    def _better(self) -> Iterator[Compared]:
        for one in self._figures["measures"]:
            if (one["measure"], one["scale"], one["protocol"]) == ("gmsex", "total", None) and one["concern"] is not None:
                share = one["improved"]
                told = f"{share['n']} of {share['of']} partners ({share['low']:.2f} to {share['high']:.2f})"
                agrees = (share["n"], share["of"]) == partners_better(self._year, one["concern"])
                yield Compared(f"reliably better, {one['concern']}", told, agrees=agrees and one["concern"] in BETTER)

    def _rare(self) -> Compared:
        is_told = RARE in str(self._figures)
        return Compared(f"anything of {RARE}", "told" if is_told else "nothing", agrees=not is_told)

    def _lost(self) -> Compared:
        for one in self._figures["drop_out"]:
            if one["concern"] is None and one["protocol"] is None:
                share = one["dropped_out"]
                covered = [pair for pair in self._year.pairs if one["covers"] == "every_couple" or pair.concern != RARE]
                agrees = (share["n"], share["of"]) == (lost(covered), len(covered))
                return Compared("lost", f"{share['n']} of {share['of']} couples", agrees=agrees)
        return Compared("lost", "not told", agrees=False)


def _interval(path: Json) -> str:
    return f"{path['standardized']:.2f} ({path['standardized_low']:.2f} to {path['standardized_high']:.2f})"
