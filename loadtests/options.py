"""What can be said about the users on locust's command line.

Only plain numbers and text: locust's master sends them to its workers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from bluegreen.errors import UserError
from bluegreen.units import parse_duration, parse_share

BAD_INPUT = 4
"""Exit code."""


@contextmanager
def telling() -> Iterator[None]:
    """What a person gave us is wrong: say so, and end before anything begins."""
    try:
        yield
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(BAD_INPUT)


def reading(reads: Callable[[str], float]) -> Callable[[str], float]:
    """As argparse wants it: what is wrong becomes one line."""

    def read(text: str) -> float:
        try:
            return reads(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


seconds = reading(lambda text: parse_duration(text).total_seconds())
share = reading(parse_share)


@reading
def positive(text: str) -> float:
    """A number above 0."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(f"{text} is not a number above 0")
    return number


@reading
def pace(text: str) -> float:
    """Requests a second, 0 for as many as possible."""
    return 0.0 if float(text) == 0 else positive(text)


@events.init_command_line_parser.add_listener
def _users(parser: LocustArgumentParser) -> None:
    ours = parser.add_argument_group("Users that honour DNS (bluegreen)")
    add = ours.add_argument
    add(
        "--resolver",
        env_var="LOCUST_RESOLVER",
        default="",
        metavar="ADDRESS[:PORT]",
        help="the DNS server to ask; default: the system's",
    )
    add(
        "--connect-port",
        env_var="LOCUST_CONNECT_PORT",
        type=int,
        default=0,
        metavar="PORT",
        help="connect to this port, whatever --host says; default: what it says",
    )
    add("--stretching", type=share, default=0.0, metavar="SHARE", help="users who ask again when they please, like 9%%")
    add("--stretch", type=seconds, default=590.0, metavar="TIME", help="... on average after so long; default 590s")
    add("--never", type=share, default=0.0, metavar="SHARE", help="users who never ask again")
    add("--connected", type=share, default=0.0, metavar="SHARE", help="users who stay on their connection")
    add("--connection", type=seconds, default=3600.0, metavar="TIME", help="... for so long at most; default 1h")
    add(
        "--pace",
        type=pace,
        default=1.0,
        metavar="NUMBER",
        help="requests a second of each user; 0: all it can",
    )
    add("--paths", default="/", metavar="PATH,PATH", help="what users ask for, one after the other; default /")
    add("--seed", type=int, default=1, help="who is which kind of user, and for how long; default 1")
    add("--upon-word", action="store_true", help="begin when a line comes on standard input")


@events.init.add_listener
def _wait(environment: Environment, **_: Any) -> None:
    """Whoever needs users soon starts locust early: most of its start is over here. A worker begins when its master
    does. When nobody is left who could say the word, there is nothing to begin."""
    options = environment.parsed_options
    if options is not None and options.upon_word and not options.worker and not sys.stdin.readline():
        sys.exit(BAD_INPUT)
