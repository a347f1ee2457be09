"""What `status` watches: a journal, or a trace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bluegreen.cli._ask import whoever
from bluegreen.cli._where import asked, find
from bluegreen.control.kept import SUFFIX, KeptHere
from bluegreen.control.standing import Standing
from bluegreen.lease.holder import os_user
from bluegreen.live.followed import Followed
from bluegreen.live.source import OfKept, OfTrace, is_trace

OF_TRACES = ".trace.jsonl"


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of it, whose it is, who watches, and where its report is, or will be."""

    followed: Followed
    service: str
    who: str
    report: Path | None

    def standing(self) -> Standing | None:
        """Where it stands, after a look. Raises UserError."""
        asked(self.followed.refresh)
        return asked(self.followed.standing)

    def over(self, now: Standing | None) -> bool:
        """Whether nothing more will come: of a journal, once its engine has written the report and is gone."""
        return self.followed.ended and (now is None or not now.engine.alive)

    @property
    def last_words(self) -> str:
        return f"The report: {self.report}" if self.report is not None else "This is the end of it."


def watched(what: Path, rollout: str = "") -> Watched:
    """Raises UserError when there is none."""
    if what.is_file() and what.suffix not in (".yaml", ".yml") and is_trace(what):
        followed = Followed(OfTrace(what), where=f"{what}:")
        return Watched(followed, _stem(what, OF_TRACES), os_user(), _report(what, OF_TRACES))
    found = find(what, rollout)
    path = found.kept.path if isinstance(found.kept, KeptHere) else None
    service = found.plan.service.name if found.plan is not None else _stem(what, SUFFIX)
    return Watched(
        Followed(OfKept(found.kept), found.plan), service, whoever(found), _report(path, SUFFIX) if path else None
    )


def _report(path: Path, suffix: str) -> Path:
    return path.with_name(_stem(path, suffix) + ".html")


def _stem(path: Path, suffix: str) -> str:
    return path.name.removesuffix(suffix)
