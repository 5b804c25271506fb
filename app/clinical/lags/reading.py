"""What the paths of both directions say together, in plain words: both ways, this way, or cannot tell."""

from dataclasses import dataclass

from app.clinical.lags.results import Reading, ReadingCode

NO_CAUSE = "This describes what followed what; it does not show cause, and a third thing may have moved both."

DRIFT = "which fades when everyone's own steady drift is taken out"
STANDING = 0.5
"""Of a path that must be left when everyone's own steady drift is taken out, or the drift may have made it. Our proposal."""


@dataclass(frozen=True)
class Names:
    """What the two series are called in sentences."""

    x: str = "x"
    y: str = "y"


@dataclass(frozen=True)
class Evidence:
    """One direction: its standardised path (the average over waves where there are several) with a 95 % interval.

    `seen`: a test of the direction as a whole, at 5 %, says that it is not zero. `doubt` says why it does not count as seen
    although its interval excludes zero, as the end of a sentence about it.
    """

    size: float
    low: float
    high: float
    seen: bool
    doubt: str | None = None


@dataclass(frozen=True)
class Difference:
    """How much stronger x leads than y, by the sizes of the paths without their signs, with its 95 % interval."""

    low: float
    high: float

    @property
    def told_apart(self) -> bool:
        """Whether the directions differ by more than chance explains."""
        return self.low > 0 or self.high < 0


def read(x_to_y: Evidence, y_to_x: Evidence, difference: Difference, names: Names) -> Reading:
    """Seen in both directions: both ways. In one: that way. In neither: cannot tell, which is never "no effect"."""
    forward, back = _told(names.x, names.y, x_to_y), _told(names.y, names.x, y_to_x)
    unlike = "The two directions differ by more than chance explains."
    alike = "The two directions cannot be told apart in strength."
    compared = unlike if difference.told_apart else alike
    code: ReadingCode
    if x_to_y.seen and y_to_x.seen:
        code, said = "both_ways", f"Both ways. {forward} {back} {compared}"
    elif x_to_y.seen:
        code, said = "x_leads", f"This way: {names.x} first. {forward} {_unseen(names.y, names.x, y_to_x)} {compared}"
    elif y_to_x.seen:
        code, said = "y_leads", f"This way: {names.y} first. {back} {_unseen(names.x, names.y, x_to_y)} {compared}"
    else:
        both = f"{_unseen(names.x, names.y, x_to_y)} {_unseen(names.y, names.x, y_to_x)}"
        code, said = "cannot_tell", f"Cannot tell. {both} Effects of such sizes may well exist."
    return Reading(code, f"{said} {NO_CAUSE}")


def _told(first: str, then: str, evidence: Evidence) -> str:
    higher = "higher" if evidence.size > 0 else "lower"
    when = f"When {first} was above a person's own level, {then} tended to be {higher} the next time"
    return f"{when} ({_figures(evidence)})."


def _unseen(first: str, then: str, evidence: Evidence) -> str:
    doubt = f", {evidence.doubt}" if evidence.doubt else ""
    return f"Whether {first} was followed by {then} cannot be told ({_figures(evidence)}{doubt})."


def _figures(evidence: Evidence) -> str:
    return f"standardised {evidence.size:.2f}, 95 % interval {evidence.low:.2f} to {evidence.high:.2f}"
