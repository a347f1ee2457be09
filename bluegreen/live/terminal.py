"""The picture in the terminal, for those without a browser: the same as the page's, in place."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bluegreen.errors import OperatingError, UserError
from bluegreen.live.followed import Followed
from bluegreen.live.now import Now, Share, now_of

WIDTH = 40
"""Characters of a bar."""
OFTEN = 0.5
"""Seconds between two pictures."""
FULL, REST, UNKNOWN = "█", "░", "·"
VERDICTS = {"pass": "green", "fail": "bold red", "unknown": "yellow"}


class Screen:
    """While it is entered, the picture stands in the terminal and is kept fresh. With `stays` the last one is left
    there."""

    def __init__(self, followed: Followed, console: Console | None = None, *, stays: bool = True) -> None:
        self._followed = followed
        self._live = Live(Text("nothing has happened yet"), console=console, auto_refresh=False, transient=not stays)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_fresh, daemon=True)

    def __enter__(self) -> Self:
        self._live.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._show()
        self._live.stop()

    def _keep_fresh(self) -> None:
        while not self._closing.wait(OFTEN):
            self._show()

    def _show(self) -> None:
        if (seen := look(self._followed)) is not None:
            self._live.update(seen, refresh=True)


def look(followed: Followed) -> RenderableType | None:
    """The picture of what is known now; None before anything is."""
    try:
        followed.refresh()
        trace, standing, at = followed.trace(), followed.standing(), followed.now()
    except (OperatingError, UserError) as error:
        return Text(f"this cannot be read now: {error}", style="bold")
    if trace is None or standing is None or at is None:
        return None
    return drawn(now_of(trace, standing, at, followed.plan))


def drawn(now: Now) -> RenderableType:
    """The picture of a moment."""
    head = Text.assemble((f" {now.stage} ", "reverse bold"), f"  {now.clock} since the start")
    rows = _table(*((name, line) for name, lines in now.rows for line in _once(name, lines)))
    told = _table(*((f"{clock} {stage}", Text(why)) for clock, stage, why in now.decisions))
    parts: list[RenderableType] = [head, Text(), *(_bar(share, now) for share in now.shares), Text(), rows]
    return Group(*parts, Text(), Text("last decisions", style="dim"), told) if now.decisions else Group(*parts)


def _bar(share: Share, now: Now) -> Text:
    if share.part is None:
        return Text.assemble((f"{share.name:10} ", "dim"), UNKNOWN * WIDTH, " not known yet")
    full = round(share.part * WIDTH)
    return Text.assemble(
        (f"{share.name:10} ", "dim"),
        (FULL * full, str(now.candidate)),
        (REST * (WIDTH - full), str(now.live)),
        f" {now.candidate} {share.part:.1%}",
    )


def _once(name: str, lines: tuple[str, ...]) -> list[Text]:
    return [_verdict(line) if name == "gates" else Text(line) for line in lines]


def _verdict(line: str) -> Text:
    text = Text(line)
    for word, style in VERDICTS.items():
        text.highlight_words([f": {word}: "], style)
    return text


def _table(*rows: tuple[str, Text]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    before = ""
    for name, text in rows:
        table.add_row(name if name != before else "", text)
        before = name
    return table
