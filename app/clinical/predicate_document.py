"""Rules' conditions as documents, such as `{"at_least": 2, "of_last": "sessions_needed", "test": {...}}`, and back."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from app.clinical.check_ins import Done, Over
from app.clinical.document_forms import UNFIT, Form, code, flag, keyed, many, one_of, text, unfit, whole
from app.clinical.predicates import (
    AllOf,
    AnyOf,
    AtLeast,
    Both,
    Either,
    Is,
    IsShareOf,
    OnDays,
    Predicate,
    Said,
    Sign,
    Test,
    Was,
)
from app.errors import Fault

DEEPEST: Final = 5
MOST: Final = 12
_LONGEST_WINDOW: Final = 366
_SIGN: Final = one_of(get_args(Sign))
_OVER: Final = one_of(get_args(Over))


def read_condition(value: object, pointer: str, faults: list[Fault]) -> object:
    """A condition, told by the key it begins with: `at_least`, `on_days`, `all_of` or `any_of`."""
    return _condition(DEEPEST)(value, pointer, faults)


def write_condition(condition: Predicate) -> dict[str, Any]:
    """The condition as a document; what is usual is left out."""
    match condition:
        case AtLeast():
            return {"at_least": condition.times, "of_last": condition.of_last, **_over_and_test(condition)}
        case OnDays():
            return {"on_days": condition.times, "of_last_days": condition.of_days, **_over_and_test(condition)}
        case AllOf():
            return {"all_of": [write_condition(one) for one in condition.conditions]}
        case AnyOf():
            return {"any_of": [write_condition(one) for one in condition.conditions]}


def write_test(test: Test) -> dict[str, Any]:
    """The test of one check-in as a document."""
    match test:
        case Is():
            return {"field": test.field, "sign": test.sign, "threshold": test.threshold}
        case IsShareOf():
            return {"field": test.field, "sign": test.sign, "share": test.share, "of": test.of}
        case Said():
            silence = {} if test.silence is None else {"silence": test.silence}
            return {"field": test.field, "answer": test.answer, **silence}
        case Was():
            return {"done": list(test.ways)}
        case Both():
            return {"both": [write_test(one) for one in test.tests]}
        case Either():
            return {"either": [write_test(one) for one in test.tests]}


def _over_and_test(window: AtLeast | OnDays) -> dict[str, Any]:
    return {**({} if window.over == "sessions" else {"over": window.over}), "test": write_test(window.test)}


def _amount(value: object, pointer: str, faults: list[Fault]) -> object:
    form = code if isinstance(value, str) else whole(1, _LONGEST_WINDOW)
    return form(value, pointer, faults)


def _answer(value: object, pointer: str, faults: list[Fault]) -> object:
    form = text(64) if isinstance(value, str) else flag
    return form(value, pointer, faults)


def _condition(deep: int) -> Form:
    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        window = {"over": _OVER, "test": _test(deep - 1)}
        inner = many(_condition(deep - 1), 1, MOST) if deep else many(_too_deep, 1)
        return _by_mark(value, pointer, faults, _conditions(window, inner))

    return read


def _conditions(window: dict[str, Form], inner: Form) -> "_Kinds":
    return {
        "at_least": (AtLeast, {"at_least": _amount, "of_last": _amount, **window}, {"at_least": "times"}),
        "on_days": (
            OnDays,
            {"on_days": _amount, "of_last_days": _amount, **window},
            {"on_days": "times", "of_last_days": "of_days"},
        ),
        "all_of": (AllOf, {"all_of": inner}, {"all_of": "conditions"}),
        "any_of": (AnyOf, {"any_of": inner}, {"any_of": "conditions"}),
    }


def _test(deep: int) -> Form:
    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        inner = many(_test(deep - 1), 1, MOST) if deep > 0 else many(_too_deep, 1)
        return _by_mark(value, pointer, faults, _tests(inner))

    return read


def _tests(inner: Form) -> "_Kinds":
    return {
        "threshold": (Is, {"field": code, "sign": _SIGN, "threshold": code}, {}),
        "share": (IsShareOf, {"field": code, "sign": _SIGN, "share": code, "of": code}, {}),
        "answer": (Said, {"field": code, "answer": _answer, "silence": flag}, {}),
        "done": (Was, {"done": many(one_of(get_args(Done)), 1, len(get_args(Done)))}, {"done": "ways"}),
        "both": (Both, {"both": inner}, {"both": "tests"}),
        "either": (Either, {"either": inner}, {"either": "tests"}),
    }


# By the key that marks it: what it is, the form of each of its keys, and what the class calls those it calls otherwise.
_Kinds = Mapping[str, tuple[type[Any], Mapping[str, Form], Mapping[str, str]]]
_MAY_MISS: Final = frozenset({"over", "silence"})


def _by_mark(value: object, pointer: str, faults: list[Fault], kinds: _Kinds) -> object:
    if not isinstance(value, Mapping):
        return unfit(faults, pointer, "wrong_kind", "This is an object.")
    marks = [mark for mark in kinds if mark in value]
    if len(marks) != 1:
        return unfit(faults, pointer, "unknown_condition", f"This has exactly one of: {', '.join(kinds)}.")
    kind, forms, renamed = kinds[marks[0]]
    found = keyed(value, pointer, faults, forms, [key for key in forms if key not in _MAY_MISS])
    return UNFIT if found is UNFIT else kind(**{renamed.get(key, key): one for key, one in found.items()})


def _too_deep(_value: object, pointer: str, faults: list[Fault]) -> object:
    return unfit(faults, pointer, "too_deep", f"Conditions nest at most {DEEPEST} deep.")
