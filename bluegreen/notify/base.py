"""What every way to tell people has in common: at which events, and what the message says."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from bluegreen.model import Event, Notice
from bluegreen.registry import Spec
from bluegreen.units import show_share

EVENTS: tuple[Event, ...] = ("started", "step", "rollback", "asked", "ended")


class Way(Spec):
    """The base of all ways. It is fire and forget: a message that does not arrive is noted in the journal, and neither
    stops nor delays anything. After a crash the last one may come twice, with the same `at`."""

    events: Annotated[tuple[Event, ...], Field(min_length=1)] = EVENTS
    """When it is told: started, step (a step's weights are in place), rollback, asked (a person must act), ended."""
    link: str = ""
    """Put into every message: where the rollout can be watched."""


def subject(notice: Notice) -> str:
    """One line of at most 100 ASCII characters (SNS API reference, Publish)."""
    what = {"step": f"step {show_share(notice.share)}", "ended": str(notice.end or "ended")}.get(
        notice.event, notice.event
    )
    return f"{notice.service}: {what}".encode("ascii", "replace").decode()[:100]


def text(notice: Notice, link: str = "") -> str:
    """For people."""
    lines = [
        f"{subject(notice)} ({notice.record})",
        notice.why,
        f"rollout {notice.rollout}, phase {notice.phase}, {show_share(notice.share)} on the candidate",
        f"{notice.at:%F %T} UTC",
        *commands(notice),
        *([link] if link else []),
    ]
    return "\n".join(lines)


def commands(notice: Notice) -> list[str]:
    """What a person can do about it, as command lines."""
    which = f"FILE --rollout {notice.rollout}"
    if notice.end is not None:
        return [f"bluegreen history {which}"]
    if notice.event == "asked":
        return [f"bluegreen {verb} {which} --why ..." for verb in ("accept", "refuse", "abort")]
    return [f"bluegreen status {which}", f"bluegreen abort {which} --why ..."]


def content(notice: Notice, link: str = "") -> str:
    """For machines: a JSON object. `text` in it is what chats show."""
    return json.dumps(
        {
            "event": notice.event,
            "at": notice.at.isoformat(),
            "rollout": notice.rollout,
            "service": notice.service,
            "record": notice.record,
            "phase": notice.phase,
            "share": notice.share,
            "why": notice.why,
            "end": notice.end,
            "commands": commands(notice),
            "link": link,
            "text": text(notice, link),
        },
        ensure_ascii=False,
    )
