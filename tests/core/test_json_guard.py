"""The guarded decoder: what is within the limits comes back, what is not is refused before it costs anything."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json_guard import DEPTH, LARGEST, MEMBERS, JsonAmbiguousError, JsonError, JsonTooLargeError, check_depth, decode

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)]) | st.sampled_from("\n\r\t")
)
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.floats(-LARGEST, LARGEST, allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5), max_leaves=20
)


@given(VALUES, st.booleans())
def test_every_value_within_the_limits_comes_back(value: Any, escaped: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_one_of_three_errors(body: bytes) -> None:
    try:
        value = decode(body)
    except (JsonError, JsonTooLargeError, JsonAmbiguousError) as refused:
        assert body.decode("latin-1") not in refused.sentence or len(body) < 4  # noqa: PT017 - only those that are raised
    else:
        assert decode(json.dumps(value).encode()) == value


@given(st.text('[]{}"\\,: a\n', max_size=80))
def test_the_depth_is_that_of_the_brackets_outside_strings(text: str) -> None:
    deep = "[" * DEPTH + "]" * DEPTH + text
    inside = outside = False
    depth = deepest = 0
    for letter in deep:
        if inside:
            outside, inside = (False, True) if outside else (letter == "\\", letter != '"')
        elif letter == '"':
            inside, outside = True, False
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    if deepest > DEPTH:
        with pytest.raises(JsonTooLargeError):
            check_depth(deep)
    else:
        check_depth(deep)


def test_the_limits_are_where_they_are_said_to_be() -> None:
    assert decode(b"[" * DEPTH + b"]" * DEPTH)
    assert decode(json.dumps([0] * MEMBERS).encode())
    assert decode(json.dumps({str(number): 0 for number in range(MEMBERS)}).encode())
    assert decode(str(LARGEST).encode()) == LARGEST
    for body in (b"[" * (DEPTH + 1), json.dumps([0] * (MEMBERS + 1)).encode()):
        with pytest.raises(JsonTooLargeError):
            decode(body)
    for body in (str(LARGEST + 1).encode(), b"1e400", b"-1e16", b"NaN", b'{"a":1,"\\u0061":2}'):
        with pytest.raises(JsonAmbiguousError):
            decode(body)


BOMBS = {
    "300,000 keys": b"{" + b",".join(b'"k%d":%d' % (number, number) for number in range(300_000)) + b"}",
    "strings that never end": b"[" * 21 + b'"\\' * 2_000_000,
    "4 million brackets": b"[" * 4_000_000,
    "4 million brackets in a string": b'{"a":"' + b"[" * 4_000_000 + b'"}',
    "4 million digits": b"9" * 4_000_000,
    "4 million digits after the point": b"0." + b"9" * 4_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_sixteen_times_the_largest_body_is_over_in_five_seconds(bomb: str) -> None:
    began = time.process_time()  # of this process, whatever else the machine does
    try:
        decode(BOMBS[bomb])
    except (JsonError, JsonTooLargeError, JsonAmbiguousError):
        pass
    else:
        assert bomb in {"4 million brackets in a string", "4 million digits after the point"}
    assert time.process_time() - began < 5
