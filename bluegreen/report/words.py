"""Numbers, times and actions as people say them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from bluegreen.report.trace import Line


def clock(seconds: float) -> str:
    """Hours and minutes since the start: 3900 -> `1:05`."""
    minutes = round(abs(seconds)) // 60
    return f"{'-' if seconds < 0 and minutes else ''}{minutes // 60}:{minutes % 60:02}"


def length(seconds: float) -> str:
    """4000 -> `1 h 7 min`, 150 -> `2.5 min`, 42 -> `42 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 10:
        return f"{minutes:.1f}".removesuffix(".0") + " min"
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    return f"{whole // 60} h" + (f" {whole % 60} min" if whole % 60 else "")


def count(number: float) -> str:
    """1234 -> `1,234`, 3400000 -> `3.4 million`."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.3g} {word}"
    return f"{number:,.0f}"


def share(part: float) -> str:
    """0.1 -> `10%`, 0.00123 -> `0.12%`; what is more than nothing never reads as `0%`."""
    percent = part * 100
    if 0 < percent < 0.001:
        return "<0.001%"
    digits = 0 if percent >= 99.95 else 1 if percent >= 10 else 2 if percent >= 0.1 else 3
    text = f"{percent:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def share_of(weights: Mapping[str, float], slot: str) -> float | None:
    """The share of answers that name `slot`; all weights zero means equal shares, as Route 53 answers then."""
    total = sum(weights.values())
    if slot not in weights:
        return 0.0 if weights else None
    return weights[slot] / total if total else 1 / len(weights)


WHOLE = {
    "prepare fallback": "prepare the fallback",
    "prepare data": "make the copy of the data",
    "move data": "move the data",
}
"""Actions that have nothing else to say."""


def deed(action: Line) -> str:
    """One action in a few words."""
    slot, kind = str(action.get("slot", "")), str(action.get("kind", ""))
    if kind == "weights":
        return _weights(action.get("weights") or {})
    if kind == "capacity":
        return f"grow {slot} to {action.get('instances')} instances"
    if kind == "reserve":
        return f"reserve {action.get('units')} capacity units for {slot}"
    if kind == "hold scale-in":
        return f"keep {slot} from shrinking" if action.get("held") else f"let {slot} shrink again"
    if kind in ("check", "stop check"):
        return f"{'run' if kind == 'check' else 'stop'} {action.get('run')}"
    if kind == "notify":
        return f"tell people ({(action.get('notice') or {}).get('event')})"
    if kind in WHOLE:
        return WHOLE[kind]
    plain = {"create": "create {}", "remove record": "remove the record of {}", "remove": "remove {}"}
    return plain.get(kind, kind + " {}").format(slot)


def _weights(weights: Mapping[str, Any]) -> str:
    return "weights " + ", ".join(f"{slot} {weight}" for slot, weight in sorted(weights.items()))


def replay(header: Line) -> str:
    """The command that gives the same trace again; nothing for a real deployment."""
    if header.get("replay"):
        return str(header["replay"])
    if not header.get("scenario"):
        return ""
    return f"bluegreen rehearse --scenario {shlex.quote(str(header['scenario']))} --seed {header.get('seed', 0)}"


def show(value: Any) -> str:
    """Any value of a trace as words: nothing as a dash, yes and no, lists with commas."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(show(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
