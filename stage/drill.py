"""One drill: AWS, users and the engine as processes beside each other, until the rollout has ended; everything that
was started is ended, whatever happens.

Whoever wants to show a drill while it runs reads its trace, which grows line by line, or listens with `on_line`.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bluegreen.cli._live import LiveExit
from bluegreen.errors import UserError
from bluegreen.lease.place import VARIABLE
from stage import trace, users
from stage.addresses import Addresses, claim, loopback
from stage.config import Config
from stage.early import AWS, Early
from stage.pace import Pace
from stage.processes import Child, module, stop_all

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.scenario import Scenario

LIMIT = 60.0
"""Seconds of the machine until everything must have begun to serve."""
TICK = 0.2
RETRY, MOST_ENGINES = 5.0, 50
"""Seconds of the stage after which a person tries again to resume, while AWS cannot be asked; and how often."""
LEAVES = 10.0
"""Seconds that an engine has to write down that it was interrupted."""


OnLine = Callable[[Mapping[str, Any]], None]
"""Told each line of the trace, as it is written."""


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be drilled."""

    scenario: Scenario
    plan: Plan
    rollout: Path
    """The file that the engine is given."""
    scenario_file: Path
    seed: int
    pace: float
    home: Path
    """A folder for journal, trace and logs."""
    port: int = 0
    dns_port: int = 0
    replay: str = ""


@dataclass(slots=True)
class Outcome:
    """How it went: the engine's exit code, or why the stage broke off."""

    code: int | None = None
    broke: str = ""


@dataclass
class Drill:
    """Run once."""

    order: Order
    say: Callable[[str], None]
    early: Early
    on_line: OnLine = lambda line: None
    children: dict[str, Child] = field(default_factory=dict)
    restart: float | None = None
    """Seconds of the stage after which a killed engine is started again."""
    _engines: int = 0
    _killed: bool = False
    _again: float | None = None

    def run(self) -> Outcome:
        """Raises UserError when it cannot begin, KeyboardInterrupt when somebody wants it to end."""
        order = self.order
        users.locustfile()
        order.home.mkdir(parents=True, exist_ok=True)
        addresses = claim(order.port, order.dns_port)
        self.pace = Pace.begin(order.pace)
        self.writer = trace.Writer(order.home / "drill.trace.jsonl", order.home / "rollout.journal")
        self._write(trace.header(order.scenario, order.plan, order.seed, order.pace, order.replay))
        with addresses.claim:
            try:
                return self._perform(addresses)
            except KeyboardInterrupt:
                self._interrupt()
                raise
            finally:
                stop_all(list(self.children.values()))
                self._follow()
                self.writer.close()

    # -- what happens, in order ---------------------------------------------------------------------------------------

    def _perform(self, addresses: Addresses) -> Outcome:
        endpoint = self._raise_stage(addresses)
        env = _environment(self.order, endpoint, addresses)
        outcome = Outcome()
        self._start_engine(env, "deploy", "--yes")
        while outcome.code is None and not outcome.broke:
            self._follow()
            who, what = self._next()
            if who == "engine" and isinstance(what, int):
                outcome = self._engine_ended(what)
            elif isinstance(what, int):
                outcome.broke = f"{who} has ended ({_how(what)}){_words(self.children[who])}"
            elif what is not None:
                self._heard(who, what)
            if self._again is not None and self.pace.seconds() >= self._again:
                self._again = None
                self._start_engine(env, "resume")
        return outcome

    def _raise_stage(self, addresses: Addresses) -> str:
        """AWS is told what to play, and users are started, who begin when it serves. Returns the endpoint. Raises
        UserError."""
        order, limit = self.order, self.pace.seconds() + LIMIT * self.order.pace
        config = Config(
            plan=str(order.rollout.resolve()),
            scenario=str(order.scenario_file.resolve()),
            seed=order.seed,
            pace=str(self.pace),
            block=addresses.block,
            port=addresses.port,
            dns_port=addresses.dns_port,
            home=str(order.home.resolve()),
            account=order.plan.guard.accounts[0],
        )
        self.children[AWS] = self.early.play(config)
        command = users.command(
            order.scenario, order.plan, self.pace, addresses, seed=order.seed, out=str((order.home / "users").resolve())
        )
        self._start("users", command, {**os.environ, "LOCUST_LOGLEVEL": "WARNING"})
        endpoint = loopback_endpoint(str(self._wait("ready", limit)["endpoint"]))
        self._wait("serving", limit)
        self.children["users"].tell(begin=True)
        self._wait("sample", limit, lambda line: line["demand"] > 0)
        self.say(
            f"the stage serves: {addresses.block}.0/24, users on port {addresses.port}, DNS on {addresses.dns_port}"
        )
        return endpoint

    def _wait(self, kind: str, limit: float, fits: Callable[[Any], bool] = lambda line: True) -> Mapping[str, Any]:
        while self.pace.seconds() < limit:
            who, what = self._next()
            if isinstance(what, int):
                child = self.children[who]
                raise UserError(f"{who} did not start: it ended ({_how(what)}){_words(child)}; its log is {child.log}")
            line = self._heard(who, what) if what is not None else {}
            if line.get("kind") == "error":
                raise UserError(str(line["why"]))
            if line.get("kind") == kind and fits(line):
                return line
        raise UserError(
            f"the stage did not get ready within {LIMIT:g} s (waiting for: {kind}); logs are in {self.order.home}. Is"
            " this machine very busy? Fewer machines (world.live.instances) or a lower --pace need less of it"
        )

    def _start_engine(self, env: Mapping[str, str], verb: str, *options: str) -> None:
        self._engines += 1
        words = [verb, str(self.order.rollout.resolve()), *options, "--journal", "rollout.journal"]
        command = [_bluegreen(), *words] if self.order.pace == 1 else module("stage.engine", str(self.pace), *words)
        self._start("engine", command, env, cwd=self.order.home)

    def _engine_ended(self, code: int) -> Outcome:
        if self._killed or (code == -signal.SIGKILL and self.restart is not None):
            self._killed = False
            self._again = self.pace.seconds() + (self.restart or 0.0)
            self.say("the engine is dead; it will be started again")
            return Outcome()
        if code == LiveExit.BAD_INPUT and 1 < self._engines < MOST_ENGINES:
            self._again = self.pace.seconds() + RETRY
            return Outcome()
        if code < 0:
            return Outcome(broke=f"the engine has ended ({_how(code)})")
        return Outcome(code)

    def _interrupt(self) -> None:
        """The engine writes down that it was told to leave."""
        engine = self.children.get("engine")
        if engine is not None and engine.running:
            engine.signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                engine.process.wait(LEAVES)

    # -- how it works -------------------------------------------------------------------------------------------------

    def _start(self, name: str, command: list[str], env: Mapping[str, str], cwd: Path | None = None) -> None:
        if name in self.children:
            self.children[name].stop()
        self.children[name] = Child(
            name,
            command,
            _log(self.order.home, name),
            listen=lambda line: self.early.events.put((name, line)),
            ended=lambda code: self.early.events.put((name, code)),
            env={**env, "PYTHONUNBUFFERED": "1"},
            cwd=cwd,
            merged=name == "engine",
        )

    def _next(self) -> tuple[str, Any]:
        try:
            return self.early.events.get(timeout=TICK)
        except queue.Empty:
            return "", None

    def _heard(self, who: str, line: str) -> Mapping[str, Any]:
        """One line of a process: AWS tells the trace, the engine tells people."""
        if who != AWS:
            if who == "engine":
                self._log(who, line)
                self.say(line)
            return {}
        if not line.startswith("{"):
            self._log(who, line)
            return {}
        content: dict[str, Any] = json.loads(line)
        match content["kind"]:
            case "sample" | "fault":
                self._write(content)
            case "note":
                self.say(f"  {content['what']}")
            case "error":
                self.say(f"error: {content['why']}")
            case "restart after":
                self.restart = float(content["seconds"])
            case "kill engine":
                self._killed = True
                self.children["engine"].kill()
        if content["kind"] == "fault":
            self.say(f"  fault {content['change']}: {content['about']}")
        return content

    def _log(self, who: str, line: str) -> None:
        """What a process says that is heard here, standard error too."""
        with _log(self.order.home, who).open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _write(self, content: dict[str, Any]) -> None:
        self.writer.add(content)
        self.on_line(content)

    def _follow(self) -> None:
        for line in self.writer.follow():
            self.on_line(json.loads(line))


def loopback_endpoint(url: str) -> str:
    """The same. Raises UserError when it leads off this machine."""
    loopback(urlsplit(url).hostname or "", "the endpoint of the AWS API")
    return url


def _log(home: Path, name: str) -> Path:
    return home / f"{name.lower()}.log"


def _bluegreen() -> str:
    return str(Path(sys.executable).with_name("bluegreen"))


def _environment(order: Order, endpoint: str, addresses: Addresses) -> dict[str, str]:
    """The engine's: nothing that this machine is set to for AWS may lead it elsewhere, and no lock of a real rollout is
    its own. Its load tests ask the stage's DNS, which alone knows the names of the stage's balancers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "stage",
        "AWS_SECRET_ACCESS_KEY": "stage",
        "AWS_DEFAULT_REGION": order.plan.guard.regions[0],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        VARIABLE: str(order.home.resolve()),
        "LOCUST_RESOLVER": f"{addresses.dns}:{addresses.dns_port}",
        "LOCUST_CONNECT_PORT": str(addresses.port),
    }


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _words(child: Child) -> str:
    said = child.last_words()
    return f": {said}" if said else ""
