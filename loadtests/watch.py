"""Whether the load generator did what was asked: processor time, users, workers, and a pace that adds up.

Every process watches itself; workers send what they saw with locust's own reports. At the end the master waits until
every worker has said its last word: locust itself waits half a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic, process_time
from typing import Any

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import MasterRunner, Runner, WorkerRunner

from bluegreen.checks.limits import Generator
from loadtests.tally import TALLY

EVERY = 0.25
BUSY = 0.9
"""With so much of a core used, a process had nothing to spare (locust warns at 90 %, too)."""
LATE = 0.1
"""Seconds by which a process woke up late on average: its measurements are no better than that. Assumed."""
LAST_WORDS = 30.0
"""Seconds, beyond locust's stop-timeout, for workers to report for the last time."""
FINAL, FINISH = "bluegreen-final", "bluegreen-finish"
SILENT: dict[str, Any] = {"trouble": "", "tally": {}}
"""What a worker reports that never did."""


@dataclass
class Seen:
    """What one process saw of itself during a test; times in seconds."""

    lasted: float = 0.0
    used: float = 0.0
    late: float = 0.0
    looks: int = 0

    @property
    def trouble(self) -> str:
        """Why it could not keep up, or nothing."""
        if self.lasted and self.used / self.lasted >= BUSY:
            return f"used {self.used / self.lasted:.0%} of a core"
        if self.looks and self.late / self.looks >= LATE:
            return f"woke up {1000 * self.late / self.looks:.0f}ms late on average"
        return ""


@dataclass
class Watch:
    """One process's. On a master or alone it also counts users and what their pace asked for."""

    environment: Environment
    own: Seen = field(default_factory=Seen)
    users: int = 0
    wanted: int = 0
    asked: float = 0.0
    ended: bool = False
    workers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each worker that takes part reported last."""
    last_words: set[str] = field(default_factory=set)
    _all_said: Event = field(default_factory=Event)
    _greenlet: gevent.Greenlet | None = None

    @property
    def runner(self) -> Runner:
        assert self.environment.runner is not None
        return self.environment.runner

    # -- while it runs --------------------------------------------------------------------------------------------

    def begin(self) -> None:
        TALLY.clear()
        self.own, self.users, self.wanted, self.asked, self.ended = Seen(), 0, 0, 0.0, False
        self.workers, self.last_words = dict.fromkeys(getattr(self.runner, "clients", ()), SILENT), set()
        if self._greenlet is not None:
            self._greenlet.kill()
        self._greenlet = gevent.spawn(self._looking)

    def _looking(self) -> None:
        pace = self.pace
        while not self.ended:
            at, used = monotonic(), process_time()
            gevent.sleep(EVERY)
            length = monotonic() - at
            self.own.lasted += length
            self.own.used += process_time() - used
            self.own.late += max(0.0, length - EVERY)
            self.own.looks += 1
            if not isinstance(self.runner, WorkerRunner):
                self.users = max(self.users, self.runner.user_count)
                self.wanted = max(self.wanted, self.runner.target_user_count)
                self.asked += self.runner.user_count * pace * length

    @property
    def pace(self) -> float:
        """Requests a second that each user is asked for; 0 where users have their own mind."""
        paced = all(getattr(each.wait_time, "paced", False) for each in self.environment.user_classes)
        return float(getattr(self.environment.parsed_options, "pace", 0.0)) if paced else 0.0

    # -- at the end -----------------------------------------------------------------------------------------------

    def end(self) -> None:
        self.ended = True
        runner = self.runner
        if isinstance(runner, MasterRunner):
            self.users = max(self.users, runner.user_count)
            self._all_said.clear()
            for client in list(runner.clients):
                runner.send_message(FINISH, client_id=client)
            with gevent.Timeout(LAST_WORDS + runner.environment.stop_timeout, False):
                while self._silent():
                    self._all_said.wait(1.0)  # or until a worker is found missing

    def _silent(self) -> list[str]:
        runner = self.runner
        assert isinstance(runner, MasterRunner)
        missing = {client.id for client in runner.clients.missing}
        self._all_said.clear()
        return sorted(set(runner.clients) - missing - self.last_words)

    def finish(self, **_: Any) -> None:
        """A worker's part: end the users in peace, report, and say so."""
        runner = self.runner
        runner.stop()
        data: dict[str, Any] = {}
        self.environment.events.report_to_master.fire(client_id=runner.client_id, data=data)  # type: ignore[attr-defined]
        runner.send_message("stats", data)
        runner.send_message(FINAL, {})

    def reported(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        """A worker's report has come."""
        self.workers[client_id] = data.get("bluegreen", SILENT)

    def said(self, msg: Any, **_: Any) -> None:
        """A worker's last word has come."""
        self.last_words.add(msg.node_id)
        self._all_said.set()

    # -- what follows ---------------------------------------------------------------------------------------------

    def report(self) -> dict[str, Any]:
        """A worker's, for its master."""
        return {"trouble": self.own.trouble, "tally": dict(TALLY)}

    def generator(self) -> Generator:
        """How all of it fared."""
        runner = self.runner
        lost = sorted(set(self.workers) - self.last_words) if isinstance(runner, MasterRunner) else []
        started = f"{self.users} of {self.wanted} users"
        problems = [
            f"{len(lost)} of {len(self.workers)} workers were lost" if lost else "",
            f"only {started} were started (--spawn-rate)" if self.users < 0.95 * self.wanted else "",
            "" if self.ended else "it was stopped before its end",
            *(f"the users' own code failed: {each['msg']}" for each in runner.exceptions.values()),
        ]
        found = {f"worker {number}": each["trouble"] for number, each in enumerate(self.workers.values(), start=1)}
        tired = {**found, "locust": self.own.trouble}
        saturated = "; ".join(f"{who} {what}" for who, what in tired.items() if what)
        told = f"the load generator could not keep up: {saturated}" if saturated else ""
        return Generator(tuple(each for each in problems if each), told)

    def tally(self) -> dict[str, int]:
        """Of all processes together."""
        total = TALLY.copy()
        for each in self.workers.values():
            total.update(each["tally"])
        return dict(sorted(total.items()))


def watch(environment: Environment) -> Watch:
    """Begin to watch: once for each environment."""
    made = Watch(environment)
    on, runner = environment.events, environment.runner
    on.test_start.add_listener(lambda **_: made.begin())
    on.test_stopping.add_listener(lambda **_: made.end())
    if isinstance(runner, WorkerRunner):
        on.report_to_master.add_listener(lambda client_id, data: data.update(bluegreen=made.report()))
        runner.register_message(FINISH, made.finish, concurrent=True)
    elif isinstance(runner, MasterRunner):
        on.worker_report.add_listener(made.reported)
        runner.register_message(FINAL, made.said)
    return made
