"""How many users there are over time: a share of `--users`, over `--run-time`.

A shape says what share of the users is there at which part of the run. locust's own options count; for what is not
given, the shape has a default.
"""

from __future__ import annotations

from argparse import Namespace
from math import ceil
from typing import Any

from locust import LoadTestShape, events
from locust.env import Environment

from loadtests.options import telling


class Share(LoadTestShape):
    """The base: tell `share`, and the defaults."""

    abstract = True
    use_common_options = True
    users = 10
    lasts = 120.0
    """Seconds."""
    spawn_rate: float | None = None
    """Users started or stopped a second; None: all at once."""

    def settle(self, options: Namespace) -> None:
        """Take what was said on the command line: later locust fills in defaults of its own. Raises UserError."""
        self.users = options.num_users or self.users
        self.lasts = float(options.run_time or self.lasts)
        self.spawn_rate = options.spawn_rate

    def share(self, part: float) -> float:
        """Of the users, when this part (0 to 1) of the run is over."""
        raise NotImplementedError

    def wanted(self, at: float) -> int:
        """Users at this second of the run."""
        return max(1, ceil(self.share(at / self.lasts) * self.users))

    def tick(self) -> tuple[int, float] | None:
        """Asked by locust every second: users, and how many to start or stop a second. None: it is over."""
        at = self.get_run_time()
        if at >= self.lasts:
            return None
        users = self.wanted(at)
        return users, self.spawn_rate or max(users, self.users)


@events.init.add_listener
def _settle(environment: Environment, **_: Any) -> None:
    shape = environment.shape_class
    if isinstance(shape, Share) and environment.parsed_options is not None:
        with telling():
            shape.settle(environment.parsed_options)
