"""The load that was once recorded: a CSV file as in scenarios (docs/rehearse.md), `--recorded demand.csv`.

With `--pace 1` a rate of 40 requests a second takes 40 users. `--speed 60` plays an hour in a minute.
"""

from __future__ import annotations

from argparse import Namespace
from math import ceil
from pathlib import Path

import numpy as np
from locust import events
from locust.argument_parser import LocustArgumentParser

from bluegreen.errors import UserError
from loadtests.options import positive
from loadtests.shapes import Share
from loadtests.users import Visitor
from sim.recorded import read_recorded

__all__ = ["Recorded", "Visitor"]


@events.init_command_line_parser.add_listener
def _recording(parser: LocustArgumentParser) -> None:
    add = parser.add_argument_group("Recorded demand (bluegreen)").add_argument
    add("--recorded", default="", metavar="FILE", help="CSV file with columns seconds or time, and rate")
    add("--speed", type=positive, default=1.0, metavar="NUMBER", help="play it so many times as fast")
    add("--factor", type=positive, default=1.0, metavar="NUMBER", help="so many times the recorded rates")


class Recorded(Share):
    """As many users as the recorded rate takes at their pace; until the recording is over, or `--run-time`."""

    abstract = False

    def settle(self, options: Namespace) -> None:
        """Reads the file, too."""
        super().settle(options)
        if not options.recorded:
            raise UserError("--recorded: name a CSV file with the columns `seconds,rate` or `time,rate`")
        if not options.pace:
            raise UserError("--pace 0: to follow recorded rates, users need a pace; for example --pace 1")
        seconds, rates = read_recorded(Path(options.recorded))
        self._seconds = np.array(seconds) / options.speed
        self._users = np.array(rates) * options.factor / options.pace
        self.users = ceil(self._users.max())
        self.lasts = float(options.run_time or self._seconds[-1])

    def wanted(self, at: float) -> int:
        """As many as the rate takes: between two rows along a straight line, as in the world."""
        return int(np.ceil(np.interp(at, self._seconds, self._users)))
