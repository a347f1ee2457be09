"""The engine's phases as a diagram, in Mermaid's words."""

from __future__ import annotations

from bluegreen.decide.transitions import WAYS
from bluegreen.model import End


def diagram() -> str:
    """Every way of the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {_id(next(iter(WAYS)))}"]
    lines += [f"    {_id(name)}: {name}" for name in [*WAYS, *End] if " " in name]
    lines += [f"    {_id(old)} --> {_id(new)}" for old, ways in WAYS.items() for new in ways]
    lines += [f"    {_id(end)} --> [*]" for end in End if end is not End.NEEDS_OPERATOR]
    return "\n".join(["```mermaid", *lines, "```"])


def _id(name: str) -> str:
    return name.replace(" ", "_")
