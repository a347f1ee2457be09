"""`--open` and `--bind`: the live page, for every command that has something to watch."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from bluegreen.live.followed import Followed

BIND = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Opening:
    """What was asked for: to see the page here, and where it is served."""

    show: bool = False
    bind: str = ""

    @property
    def wanted(self) -> bool:
        return self.show or bool(self.bind)


def opening(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these options; it gets them as `page`."""

    @click.option("--open", "show", is_flag=True, help="Serve a live page with buttons, and show it in the browser.")
    @click.option("--bind", metavar="ADDRESS[:PORT]", default="", help=f"Serve the live page there. Default: {BIND}.")
    @wraps(command)
    def given(*, show: bool, bind: str, **options: Any) -> int:
        return command(page=Opening(show, bind), **options)

    return given


class Page(Protocol):
    """What is served."""

    def end(self, words: str, lines: Iterable[str] | None = None) -> None:
        """Say how it ended; show `lines`, the finished trace, when they are given."""
        ...


class NoPage:
    """It was not asked for."""

    def end(self, words: str, lines: Iterable[str] | None = None) -> None:
        """Nobody watches."""


@contextmanager
def opened_page(asked: Opening, followed: Followed, service: str, who: str) -> Iterator[Page]:
    """Serve the page when it was asked for. Raises UserError when that cannot be."""
    if not asked.wanted:
        yield NoPage()
        return
    from bluegreen.live.board import Board
    from bluegreen.live.server import Server, is_loopback, parse_address

    address = parse_address(asked.bind or BIND)
    with Server(Board(followed), address, service=service, who=who) as server:
        click.echo(f"the live page: {server.url}")
        if not is_loopback(address[0]):
            click.echo("  whoever can reach this address and has this link can steer the rollout; it is not encrypted")
        if asked.show and _has_display():
            click.launch(server.url)
        yield server


def _has_display() -> bool:
    """Whether a browser would have a place to open in, other than this terminal."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
