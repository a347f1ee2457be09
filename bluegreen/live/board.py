"""The page's parts as they stand, numbered by their changes: who knows the state of some number is given what has
changed since, and who knows none is given all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from bluegreen.errors import OperatingError, UserError
from bluegreen.live.followed import Followed
from bluegreen.live.now import now_of
from bluegreen.report.moving import Parts, now_part, parts


class Board:
    """Made anew by `refresh`, on any thread; read by many at any time."""

    def __init__(self, followed: Followed) -> None:
        self.followed = followed
        self.over = ""
        """How it ended, and what is left to read; empty while it goes on."""
        self.on_change: Callable[[], None] = lambda: None
        """Told, on whatever thread, that there is something new."""
        self._making, self._reading = threading.Lock(), threading.Lock()
        self._version, self._drawn = 0, 0
        self._parts: dict[str, tuple[int, Any]] = {}

    def refresh(self) -> None:
        """Take what has come, and make the parts that it changes."""
        with self._making:
            if not self.over:
                self._show(self._fresh())

    def end(self, words: str, lines: Iterable[str] | None = None) -> None:
        """The last state, in which nothing changes any more. `lines`: the finished trace."""
        with self._making:
            if lines is not None:
                self.followed.replace(lines)
            self._drawn = 0
            self._show({**self._fresh(over=True), "over": words})
            self.over = words
        self.on_change()

    def since(self, version: int) -> tuple[int, Parts]:
        """The parts that are newer than a state, and the number of the state that they lead to. A state that has never
        been is none."""
        with self._reading:
            known = version if version <= self._version else 0
            return self._version, {name: part for name, (at, part) in self._parts.items() if at > known}

    def _fresh(self, over: bool = False) -> Parts:
        try:
            return {**self._made(over), "trouble": ""}
        except (OperatingError, UserError) as error:
            return {"trouble": f"What is shown is old: {error}"}

    def _made(self, over: bool) -> Parts:
        known = self.followed.refresh()
        trace, standing, at = self.followed.trace(), self.followed.standing(), self.followed.now()
        made: Parts = {}
        if trace is not None and known != self._drawn:
            made |= parts(trace, over=over)
            self._drawn = known
        if trace is not None and standing is not None and at is not None:
            now = now_of(trace, standing, at, self.followed.plan)
            made["now"] = now_part(now)
            made["state"] = {"stage": now.stage, "paused": now.paused, "end": now.end}
        return made

    def _show(self, made: Parts) -> None:
        with self._reading:
            changed = {name: part for name, part in made.items() if self._parts.get(name, (0, ""))[1] != part}
            if changed:
                self._version += 1
                self._parts |= {name: (self._version, part) for name, part in changed.items()}
        if changed:
            self.on_change()
