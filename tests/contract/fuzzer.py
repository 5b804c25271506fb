"""Asks every operation, a hundred times a second, for what it may not be asked, and reads each answer against the document."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from jsonschema import Draft202012Validator

from tests.client import LOOP
from tests.contract.calls import Call, call
from tests.contract.test_openapi import OPERATIONS, validator

PROBLEM: Final = "application/problem+json"
READ_CLOSELY: Final = 20  # answers an operation whose every field is compared with the schema; then one of so many
LONG: Final = "x" * 5_000
IDS: Final = ["cpl_01jeenwv00e008000000000001", "prt_01jeenwv00e008000000000001", "cpl_81jeenwv00e008000000000001", "cpl_"]
TEXTS: Final = [
    *(
        "",
        " ",
        "x",
        "null",
        "-1",
        "0",
        LONG,
        "a\u0000b",
        "\u200b",
        "\u202eabc",
        "e\u0301",
        "𝔘𝔫𝔦",
        "🫠" * 50,
        "\x1b[31m",
        "\r\nX: y",
    ),
    *("2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-11-22T09:00:60Z", "2026-11-22T09:00:00+99:00", "1e3"),
    *("'; DROP TABLE couple; --", "{{7*7}}", "${jndi:x}", "<script>", "../../etc/passwd", "%s%n", "=1+1", "NaN", "true"),
    *IDS,
]
NUMBERS: Final = [0, -0.0, -1, 1, 2, 7, 11, 100, 201, 2**31, 2**53, -(2**53), 2**63, 10**400, 0.1, 1e-320, 1e308, -1e308]
VALUES: Final[list[Any]] = [None, True, False, [], {}, [[]], [None] * 5, {"a": 1}, {"": ""}, *NUMBERS, *TEXTS]
PATH_TEXTS: Final = [text for text in TEXTS if text and "/" not in text and text != LONG] + ["x" * 300, "%", "%00", "..", "."]
# Bytes that no JSON library would send.
RAW: Final = [
    *(
        b"",
        b"{",
        b"[" * 300,
        b"nul",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a":1}{}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b"NaN",
    ),
    *(
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":1,"a":2}',
        b'"\\u0000"',
        b"[1" + b",1" * 2_000 + b"]",
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ),
]
SPLICES: Final = [
    b'"\\ud800"',
    b'"x\\udfff"',
    b'"\\u0000"',
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 400,
    b'"\xff"',
    b"01",
    b"",
    b"[" * 30,
]
HEADERS: Final[dict[str, list[str]]] = {
    "if-match": ['"1"', '"2"', "*", 'W/"1"', "1", '"-1"', '"' + "9" * 17 + '"', '"1", "2"', "\x7f", "é"],
    "if-none-match": ["*", '"1"', '"x"', '"' + "a" * 32 + '"'],
    "idempotency-key": ["k", "k", '"k"', "", " ", "k" * 255, "k" * 256, "ä", "a b"],
    "content-type": [
        "application/json",
        "application/json; charset=utf-16",
        "text/plain",
        "application/xml",
        "",
        "application/merge-patch+json",
    ],
    "accept": ["text/html", "application/fhir+json", ";;;"],
    "x-request-id": ["x", "x" * 65, "a b"],
    "content-length": ["0", "-1", "x", "99999999999"],
    "transfer-encoding": ["chunked"],
    "host": ["evil.example", ""],
    "x-http-method-override": ["DELETE"],
    "authorization": ["Bearer x", "Bearer ", "Basic eDp5", "Bearer rk_demo_x_y_z", "bearer"],
}
QUERIES: Final = [
    "limit",
    "cursor",
    "since",
    "until",
    "as",
    "include",
    "status",
    "archived",
    "measure",
    "external_id",
    "from",
    "to",
    "x",
    "limit[]",
]
METHODS: Final = ["PUT", "PATCH", "DELETE", "POST", "GET", "OPTIONS", "TRACE", "BREW"]


@dataclass
class Case:
    """One request on its way to be spoilt."""

    name: str
    method: str
    template: str
    path: dict[str, str]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    json: Any
    raw: bytes | None = None

    @property
    def body(self) -> bytes:
        """The bytes that are sent."""
        if self.raw is not None:
            return self.raw
        return b"" if self.json is None else json.dumps(self.json, ensure_ascii=True).encode()

    @property
    def takes_a_body(self) -> bool:
        """Whether the document says so."""
        return "requestBody" in OPERATIONS[self.name][2]

    @property
    def where(self) -> str:
        """The path, with its parameters."""
        return re.sub(r"\{(\w+)\}", lambda found: self.path[found.group(1)], self.template)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


@dataclass
class Tally:
    """How many cases there were, how they were answered, and every one that was answered as it may not be."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    found: list[tuple[str, str, str]] = field(default_factory=list)

    def reasons(self) -> set[tuple[str, str]]:
        """What was found, without the requests that found it."""
        return {(name, reason) for name, reason, _case in self.found}


class Fuzzer:
    """Draws cases by a seed and reads their answers; what it finds is told by operation, status and reason."""

    def __init__(  # noqa: PLR0917 - what it asks, in whose name, and what it holds the answers against
        self,
        app: Any,
        ids: dict[str, str],
        key: str,
        seed: int,
        document: dict[str, Any] | None = None,
        only: frozenset[str] = frozenset(OPERATIONS),
    ) -> None:
        self._app, self._ids, self._key = app, ids, key
        self._chance = random.Random(seed)  # noqa: S311 - the same seed draws the same cases again
        self._told = {name: told[2] for name, told in OPERATIONS.items()} if document is None else document
        self._schemas: dict[tuple[str, int], Draft202012Validator] = {}
        self._read: Counter[str] = Counter()
        # three times as often what takes a body: there is more to spoil, and a refusal is quicker than a long list
        self._names = [
            name for name, told in OPERATIONS.items() for _ in range(3 if "requestBody" in told[2] else 1) if name in only
        ]
        self.tally = Tally()

    def run(self, cases: int) -> Tally:
        """So many cases more."""
        LOOP.run(self._many(cases))
        return self.tally

    async def _many(self, cases: int) -> None:
        for _ in range(cases):
            case = self._draw(self._names[self.tally.cases % len(self._names)])
            answer = await self._ask(case)
            self.tally.cases += 1
            self.tally.statuses[answer.status] += 1
            if reason := self._fault(case, answer):
                self.tally.found.append((case.name, reason, f"{answer.status} to {case}"))

    def _draw(self, name: str) -> Case:
        case = ordinary(call(name, self._ids), self._ids)
        if not case.template.startswith("/p/"):
            case.headers["authorization"] = f"Bearer {self._key}"
        for spoil in self._chance.choices(SPOILS, WEIGHTS, k=self._chance.choice((0, 1, 1, 1, 1, 2, 2, 3))):
            spoil(case, self._chance)
        return case

    async def _ask(self, case: Case) -> Answer:
        body, sent = case.body, False
        query = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in case.query)
        told: dict[str, Any] = {}
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.update(message)
            else:
                parts.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": case.method,
            "path": case.where,
            "raw_path": quote(case.where).encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in case.headers.items()],
            "client": ("fuzzer", 1),
            "server": ("testserver", 80),
            "state": {},
        }
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - a server would log it and go on
            told.setdefault("raised", type(error).__name__)
        return Answer(told.get("status", 0), dict(told.get("headers", [])), b"".join(parts))

    def _fault(self, case: Case, answer: Answer) -> str | None:
        """Why an answer may not be as it is, or None."""
        if answer.status == 0 or answer.status >= 500:
            return "the service failed"
        if case.method != OPERATIONS[case.name][0].upper():
            return None  # another operation, or none
        described = self._told[case.name]["responses"].get(str(answer.status))
        if described is None:
            return "an undocumented status"
        if answer.status == 304 or not described.get("content"):
            return "a body where none is documented" if answer.body else None
        media_type = answer.headers.get(b"content-type", b"").decode().partition(";")[0]
        if media_type not in described["content"]:
            return f"an undocumented media type, {media_type}"
        if media_type == PROBLEM:
            code = json.loads(answer.body)["code"]
            return None if code in described["x-codes"] else f"an undocumented code, {code}"
        return (
            self._shape(case.name, answer, described["content"][media_type]["schema"])
            if media_type == "application/json"
            else None
        )

    def _shape(self, name: str, answer: Answer, schema: dict[str, Any]) -> str | None:
        self._read[name] += 1
        if self._read[name] > READ_CLOSELY and self._read[name] % READ_CLOSELY:
            return None
        known = self._schemas.setdefault((name, answer.status), validator(schema))
        return None if known.is_valid(json.loads(answer.body)) else "a body that is not of its schema"


def ordinary(one: Call, ids: dict[str, str]) -> Case:
    """The call as its example has it."""
    method, template, operation = OPERATIONS[one.operation]
    path, query = {}, []
    for parameter in operation.get("parameters", []):
        example = (parameter["schema"].get("examples") or ["x"])[0]
        if parameter["in"] == "path":
            path[parameter["name"]] = ids.get(parameter["name"]) or str(example)
        elif parameter["in"] == "query" and parameter["required"]:
            query.append((parameter["name"], str(example)))
    headers = {name.lower(): value for name, value in one.headers.items()}
    if one.json is not None:
        headers["content-type"] = "application/json"
    return Case(one.operation, method.upper(), template, path, query, headers, one.json)


def spoil_path(case: Case, chance: random.Random) -> None:
    """Another text in the path."""
    if case.path:
        case.path = {**case.path, chance.choice(list(case.path)): chance.choice(PATH_TEXTS)}


def spoil_query(case: Case, chance: random.Random) -> None:
    """A parameter, known or not."""
    told = [one["name"] for one in OPERATIONS[case.name][2].get("parameters", []) if one["in"] == "query"]
    name = chance.choice(told) if told and chance.random() < 0.8 else chance.choice(QUERIES)
    case.query = [*case.query, (name, chance.choice(TEXTS))]


def spoil_header(case: Case, chance: random.Random) -> None:
    """Another header."""
    name = "if-match" if "if-match" in case.headers and chance.random() < 0.4 else chance.choice(list(HEADERS))
    if (name == "authorization" and chance.random() < 0.8) or (name == "content-length" and not case.takes_a_body):
        return
    case.headers[name] = chance.choice(HEADERS[name])
    if not case.headers[name]:
        del case.headers[name]


def spoil_method(case: Case, chance: random.Random) -> None:
    """Another method."""
    case.method = chance.choice(METHODS)


def spoil_value(case: Case, chance: random.Random) -> None:
    """Another value somewhere in the body, one less, or one more."""
    if not isinstance(case.json, dict | list):
        return
    case.json = json.loads(json.dumps(case.json))
    place = _somewhere(case.json, chance)
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    match chance.random():
        case draw if draw < 0.15 and keys:
            place.pop(chance.choice(keys))
        case draw if draw < 0.25 or not keys:
            if isinstance(place, dict):
                place[chance.choice(["x", "", "id", "clinic_id", "__proto__", "version"])] = chance.choice(VALUES)
            else:
                place.append(chance.choice(VALUES))
        case _:
            place[chance.choice(keys)] = chance.choice(VALUES)


def spoil_whole(case: Case, chance: random.Random) -> None:
    """Another body altogether."""
    case.json = chance.choice(VALUES)
    case.headers.setdefault("content-type", "application/json")


def spoil_bytes(case: Case, chance: random.Random) -> None:
    """Bytes that are no JSON, or only just."""
    body = case.body
    case.headers.setdefault("content-type", "application/json")
    match chance.random():
        case draw if draw < 0.3 or not body:
            case.raw = chance.choice(RAW)
        case draw if draw < 0.7:  # in the place of a value that stood there
            places = [found.span() for found in re.finditer(rb'(?<=:)(?:"[^"]*"|-?[0-9.]+|true|false|null)', body)] or [(0, 0)]
            start, end = chance.choice(places)
            case.raw = body[:start] + chance.choice(SPLICES) + body[end:]
        case draw if draw < 0.85:
            case.raw = body[: chance.randrange(len(body))]
        case _:
            place = chance.randrange(len(body))
            case.raw = body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]


def _somewhere(value: Any, chance: random.Random) -> Any:
    """A list or an object anywhere inside, the outermost included."""
    inner = value.values() if isinstance(value, dict) else value
    deeper = [one for one in inner if isinstance(one, dict | list)]
    return _somewhere(chance.choice(deeper), chance) if deeper and chance.random() < 0.6 else value


SPOILS: Final[list[Callable[[Case, random.Random], None]]] = [
    spoil_value,
    spoil_path,
    spoil_query,
    spoil_header,
    spoil_method,
    spoil_whole,
    spoil_bytes,
]
WEIGHTS: Final = [8, 2, 3, 3, 0.5, 1, 3]
