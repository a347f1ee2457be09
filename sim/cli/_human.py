"""A rehearsal that people watch: at their speed, on a page, in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bluegreen.cli._open import NoPage, Opening, Page, opened_page
from bluegreen.errors import UserError

if TYPE_CHECKING:
    from bluegreen.live.followed import Followed
    from sim.paced import Paced

HUMAN = "60x"


@contextmanager
def human(speed: str | None, page: Opening, name: str) -> Iterator[tuple[Paced | None, Page]]:
    """What keeps pace, and the page. Nothing of that when nobody wants to watch. Raises UserError."""
    if speed is None and not page.wanted:
        yield None, NoPage()
        return
    from bluegreen.control.memory import MemoryInbox
    from bluegreen.lease.holder import os_user
    from bluegreen.live.followed import Followed
    from bluegreen.live.source import Told
    from sim.paced import Paced

    inbox = MemoryInbox()
    told = Told(inbox)
    paced = Paced(_speed(HUMAN if speed is None else speed), lambda line: told.line(line.decode()), inbox)
    followed = Followed(told)
    with opened_page(page, followed, name, os_user()) as served, _screen(followed):
        yield paced, served


def _screen(followed: Followed) -> AbstractContextManager[Any]:
    """The picture in the terminal, when there is one."""
    if not sys.stderr.isatty() or find_spec("rich") is None:
        return nullcontext()
    from rich.console import Console

    from bluegreen.live.terminal import Screen

    return Screen(followed, Console(stderr=True), stays=False)


def _speed(text: str) -> float:
    from sim.paced import parse_speed

    try:
        return parse_speed(text)
    except ValueError:
        raise UserError(f"--speed {text}: write how many times as fast as real time, like 60x") from None
