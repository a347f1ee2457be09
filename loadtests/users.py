"""Users who honour DNS. Smallest use, in a load test of your own:

from locust import task
from loadtests.users import DnsFastUser

class Shopper(DnsFastUser):
    @task
    def basket(self):
        self.client.get("/basket")
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count, cycle
from typing import Any

from locust import FastHttpUser, HttpUser, constant_throughput, events, task
from locust.env import Environment

import loadtests.options
import loadtests.verdict  # noqa: F401 - limits and verdict come with the users
from loadtests.following import FollowingAdapter, FollowingClients
from loadtests.habits import Habit, Lookups, check_shares, habit_of
from loadtests.options import telling
from loadtests.resolving import resolver_of

_numbers: Iterator[int] = count()
_resolver_of = cache(resolver_of)


@events.init.add_listener
def _readable(environment: Environment, **_: Any) -> None:
    with telling():
        assert environment.parsed_options is not None
        check_shares(environment.parsed_options)
        resolver_of(environment.parsed_options.resolver)


@events.test_start.add_listener
def _anew(environment: Environment, **_: Any) -> None:
    """Each test counts its users from 0: the same seed gives the same kinds of users."""
    global _numbers  # noqa: PLW0603
    _numbers = count()


class _Dns:
    """What both clients' users have in common."""

    environment: Environment
    habit: Habit
    lookups: Lookups

    def _settle(self, environment: Environment) -> None:
        options = environment.parsed_options
        assert options is not None and environment.runner is not None
        resolver = _resolver_of(options.resolver)
        self.habit = habit_of(options, getattr(environment.runner, "worker_index", 0), next(_numbers))
        self.lookups = Lookups(resolver, self.habit, options.connect_port)
        self._pause = constant_throughput(options.pace) if options.pace else None

    def wait_time(self) -> float:
        """`--pace` requests a second, as long as answers come in time."""
        return 0.0 if self._pause is None else float(self._pause(self))  # type: ignore[arg-type]

    wait_time.paced = True  # type: ignore[attr-defined]  # for `loadtests.watch`: users with another wait_time have no pace


class DnsFastUser(_Dns, FastHttpUser):
    """A FastHttpUser that honours DNS: the one to use unless you need `requests`."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._settle(environment)
        agent = self.client.client
        agent.clientpool = FollowingClients(self.lookups, agent.clientpool.client_args)


class DnsUser(_Dns, HttpUser):
    """A HttpUser that honours DNS."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._settle(environment)
        self.client.trust_env = False  # a proxy would look the name up itself
        for scheme in ("http://", "https://"):
            self.client.mount(scheme, FollowingAdapter(self.lookups))


class Visitor(DnsFastUser):
    """Asks for the pages of `--paths`, one after the other."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        assert environment.parsed_options is not None
        self._paths = cycle(environment.parsed_options.paths.split(","))

    @task
    def page(self) -> None:
        """The next one."""
        self.client.get(next(self._paths))
