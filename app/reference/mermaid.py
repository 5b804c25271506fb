"""State diagrams in Mermaid, which forges draw."""

from collections.abc import Iterable

Arrow = tuple[str, str, str]


def diagram(arrows: Iterable[Arrow], start: str, ends: Iterable[str]) -> str:
    """A state diagram; an arrow is from, to, and what is written on it."""
    lines = [f"[*] --> {start}"]
    lines += [f"{source} --> {to}" + (f": {label}" if label else "") for source, to, label in arrows]
    lines += [f"{end} --> [*]" for end in ends]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"])
