"""Canonical JSON."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.canonical import canonical, digest

NAMES = st.text(st.characters(codec="ascii"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=10,
)


@given(st.dictionaries(NAMES, VALUES))
def test_the_order_of_members_does_not_matter_and_nothing_else_is_lost(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))
    assert json.loads(canonical(value)) == value


def test_the_escapes_are_those_of_rfc_8785() -> None:
    # the string of section 3.2.2, as its canonical form is printed there
    value = {"string": '€$\u000f\nA\'B"\\\\"/'}
    assert canonical(value) == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


def test_days_and_moments_stand_as_text() -> None:
    value = {"b": datetime(2026, 11, 22, 9, 0, 0, 1_000, tzinfo=UTC), "a": date(2026, 11, 22)}
    assert canonical(value) == b'{"a":"2026-11-22","b":"2026-11-22T09:00:00.001+00:00"}'


def test_the_digest_is_sha_256() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("odd", [{"a": 0.5}, {"ä": 1}, {1: 1}, {"a": object()}, {"a": {"b"}}])
def test_what_has_no_certain_form_is_refused(odd: dict[Any, Any]) -> None:
    with pytest.raises(TypeError, match="canonical JSON"):
        canonical(odd)
