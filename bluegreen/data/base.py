"""What every way with the data answers: what must be so before the rollout passes a moment, and what stands in the way
back.

Tasks are passed one after the other. Some are the team's own commands, run beside the engine like hooks; the others the
engine sees, or asks of AWS, by itself. `bluegreen/decide/data.py` walks through them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bluegreen.checks.base import Check, Name
from bluegreen.checks.command import CommandCheck
from bluegreen.model import CheckRun, DataState, DataView, Observation, Query, Rollout
from bluegreen.registry import Spec

if TYPE_CHECKING:
    from bluegreen.plan import Plan

Moment = Literal["before-provision", "before-shift", "before-step", "before-retire"]
"""before-provision: nothing is made yet. before-shift: no user was sent to the candidate yet. before-step: before each
step's share. before-retire: the slot that was live is left by everybody, and is about to go."""
MOMENTS: tuple[Moment, ...] = ("before-provision", "before-shift", "before-step", "before-retire")


class Own(CommandCheck):
    """A command of the team's: `{run: [./expand.sh], timeout: 30m}`, as the check `command` has it."""

    name: Name = "command"
    """In the journal it is called by what it is for."""


@dataclass(frozen=True, slots=True)
class Task:
    """What must be so before the rollout goes on. `check`: a command that must pass; None: the kind's own `judge`."""

    name: str
    check: Check | None = None
    stops: bool = False
    """When it does not pass everything is left as it is, for a person: it may have done half of its work."""
    again: bool = False
    """It must be so each time, and is not remembered."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a task of the engine's own is judged on."""

    seen: Observation
    rollout: Rollout
    since: datetime
    """Since when it has been waited for."""

    @property
    def waited(self) -> timedelta:
        return self.seen.at - self.since


@dataclass(frozen=True, slots=True)
class Said:
    """The answer: `asks` is what the port `Data` is to do for it."""

    state: Literal["passed", "running", "failed", "unknown"]
    why: str
    asks: Literal["", "prepare", "move"] = ""
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Back:
    """What stands between a rollout and its way back. Nothing: it is free."""

    tasks: tuple[Task, ...] = ()
    """To be done first."""
    closed: str = ""
    """Why nobody goes back, whoever asks."""
    asks: str = ""
    """What an operator has to take upon himself, by asking for it (abort) once more."""
    note: str = ""
    """What is to be known about it all the same."""


class Data(Spec):
    """The base of all ways."""

    @property
    def by_port(self) -> bool:
        """Whether the engine looks at the data through its port."""
        return False

    @property
    def watched(self) -> bool:
        """Whether it looks as long as users may be on the candidate."""
        return False

    def breach(self, view: DataView | None) -> str:
        """Why the rollout goes back at once, as users are on the candidate already; or nothing."""
        return ""

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        """In the order in which they are passed."""
        return ()

    def judge(self, task: str, case: Case) -> Said:
        """Pure: whether a task of the engine's own is passed. Nothing that could not be read passes."""
        raise NotImplementedError(task)

    def queries(self) -> tuple[Query, ...]:
        """Series that it judges by."""
        return ()

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        """What stands in the way back from here."""
        return Back()

    def leaves(self, rollout: Rollout) -> str:
        """What is left over at this end and goes on costing, or nothing."""
        return ""

    def not_undone(self) -> str:
        """Why a rollout that succeeded cannot be undone by going back to the slot before, or nothing."""
        return ""

    def undone(self) -> Data | None:
        """What the way back after the end has of it: what was done to the data is not done again, nor taken back."""
        return None

    def problems(self, plan: Plan) -> Iterator[str]:
        """What of this plan it does not go with."""
        yield from ()

    def count(self) -> CommandCheck | None:
        """The command that says how much going back would lose."""
        return None

    def beside(self, folder: Path) -> Data:
        """The same with its paths meant from a folder, where it has such."""
        return self

    def missing(self) -> Iterator[str]:
        """What it names and is not there, once the paths are known."""
        yield from ()

    def longest(self, task: str) -> timedelta:
        """How long a task of the engine's own may take."""
        return timedelta(0)

    def told(self, plan: Plan) -> tuple[str, ...]:
        """What will be done with the data, when, until when there is a way back, and what it costs: in sentences."""
        raise NotImplementedError

    def commands(self) -> Iterator[Check]:
        """All commands of the team's, each under the name by which it is known in the journal: `data/<name>`."""
        for moment in MOMENTS:
            yield from (task.check for task in self.tasks(moment) if task.check is not None)
        yield from self.going_back()

    def going_back(self) -> Iterator[Check]:
        """Those that are run on the way back only."""
        yield from ()


def named(name: str, command: CommandCheck) -> CommandCheck:
    """The command under another name: it may have to run a second time, for another reason."""
    return command.model_copy(update={"name": name.replace("_", "-")})


def own(name: str, command: CommandCheck | None, *, stops: bool = False) -> tuple[Task, ...]:
    """A command as a task, when there is one."""
    return () if command is None else (Task(name, named(name, command), stops=stops),)


def begun(rollout: Rollout, name: str) -> bool:
    """Whether a command was begun, however it ended."""
    return f"data/{name}" in rollout.runs


def attempts(rollout: Rollout, name: str) -> tuple[CheckRun, ...]:
    """How each time ended that a command was begun, the last one last."""
    return tuple(run for key, run in rollout.runs.items() if key.partition("#")[0] == f"data/{name}")


def state_of(rollout: Rollout) -> DataState:
    return rollout.data or DataState()


def shown(command: CommandCheck) -> str:
    """As one would type it."""
    return shlex.join(command.run)


def limit_of(task: Task, data: Data) -> timedelta:
    """How long a task may take, with all its attempts."""
    return data.longest(task.name) if task.check is None else task.check.timeout * (1 + task.check.retries)
