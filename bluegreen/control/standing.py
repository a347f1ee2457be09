"""Where a rollout stands: its journal and its inbox, put together for people and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from bluegreen.control.kept import AtWork
from bluegreen.journal.entries import Decided, Entry, Failed, Left
from bluegreen.journal.fold import fold
from bluegreen.journal.shared import started
from bluegreen.model import Answer, Command, Judgement, Rollout, Slot, Trouble

Became = Literal["waiting", "taken", "accepted", "refused"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and what became of it: `waiting` until an engine looks, `taken` when it gave no answer."""

    command: Command
    became: Became
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last look saw."""

    at: datetime
    weights: Mapping[Slot, int] | None
    in_sync: bool | None
    healthy: Mapping[Slot, int]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Trouble, and when."""

    at: datetime
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Standing:
    """All that can be said from outside."""

    rollout: Rollout
    by: str
    plan_hash: str
    engine: AtWork
    last_word: datetime
    left: str = ""  # the engine was stopped on purpose, and why
    why: str = ""
    seen: Seen | None = None
    judgements: tuple[Judgement, ...] = ()
    trouble: Wrong | None = None
    asked: tuple[Asked, ...] = ()


STANDING: TypeAdapter[Standing] = TypeAdapter(Standing)


def standing(entries: tuple[Entry, ...], inbox: Iterable[Command], engine: AtWork) -> Standing:
    """Raises UserError when the journal is empty."""
    begin, last = started(entries), entries[-1]
    decided = [entry for entry in entries if isinstance(entry, Decided)]
    looked = decided[-1] if decided else None
    return Standing(
        rollout=fold(entries),
        by=begin.by,
        plan_hash=begin.plan_hash,
        engine=engine,
        last_word=last.at,
        left=last.why if isinstance(last, Left) else "",
        why=looked.decision.why if looked else "",
        seen=_seen(decided),
        judgements=next((entry.decision.judgements for entry in reversed(decided) if entry.decision.judgements), ()),
        trouble=_trouble(entries),
        asked=tuple(_asked(decided, inbox)),
    )


def _seen(decided: list[Decided]) -> Seen | None:
    """The newest look; its weights may be older, when they could not be read since."""
    if not decided:
        return None
    looks = [entry.seen for entry in reversed(decided)]
    traffic = next((look.traffic for look in looks if look.traffic is not None), None)
    views = {slot: look.healthy for slot, look in looks[0].environments.items() if look is not None}
    return Seen(looks[0].at, traffic.weights if traffic else None, traffic.in_sync if traffic else None, views)


def _trouble(entries: Iterable[Entry]) -> Wrong | None:
    for entry in reversed(tuple(entries)):
        if isinstance(entry, Failed):
            return Wrong(entry.at, entry.trouble)
        if isinstance(entry, Decided) and entry.seen.trouble:
            return Wrong(entry.at, entry.seen.trouble[-1])
    return None


def _asked(decided: list[Decided], inbox: Iterable[Command]) -> Iterable[Asked]:
    """What was taken, as the journal has it, then what still waits."""
    taken: set[str] = set()
    for entry in decided:
        answers = {answer.command: answer for answer in entry.decision.answers}
        for command in entry.seen.commands:
            taken.add(command.id)
            yield _answered(command, answers.get(command))
    yield from (Asked(command, "waiting") for command in inbox if command.id not in taken)


def _answered(command: Command, answer: Answer | None) -> Asked:
    if answer is None:
        return Asked(command, "taken")
    return Asked(command, "accepted" if answer.accepted else "refused", answer.why)
