"""How far a long command is: on a terminal one line that is written over, elsewhere a line now and then."""

from __future__ import annotations

import sys

import click

from bluegreen.clock import stopwatch

SELDOM = 15.0
"""Seconds between two lines where lines stay."""


class Progress:
    """Lines on standard error. Say it as often as there is news: where lines stay, most of it is left out."""

    def __init__(self) -> None:
        self._asked = stopwatch()
        self._next = SELDOM

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal's line empty for what comes."""
        if sys.stderr.isatty():
            self.say("")

    def say(self, words: str) -> None:
        """Where it stands."""
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[2K{words}", nl=False, err=True)
        elif self._asked().total_seconds() >= self._next:
            self._next = self._asked().total_seconds() + SELDOM
            click.echo(words, err=True)
