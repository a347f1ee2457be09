"""How a team's own command makes and removes the candidate: where it stands, what is safe to do next.

The contract (docs/environments.md). `create` and `remove` are run until they exit with 0, and again after a crash, so
both must be safe to repeat. The last line that is a JSON object is what `create` says of itself:
`{"balancer": "...", "group": "..."}`. A mark is kept before anything is begun: what this rollout never began to make it
never removes, and what it began is removed even if nobody knows how far it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bluegreen.errors import Unreachable
from bluegreen.model import Presence
from bluegreen.plan.ways import Command

Step = Literal["create", "remove", "look"]
NOT_THERE = 3
"""The exit code by which `look` says that there is nothing."""
KEYS = ("balancer", "group")


@dataclass(frozen=True, slots=True)
class Ended:
    """A run is over."""

    code: int | None
    words: str
    lines: tuple[str, ...] = ()
    """What it wrote, oldest first, as far as it was kept."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What outlives the engine."""

    stage: Literal["nothing", "begun", "made", "going"] = "nothing"
    outputs: Mapping[str, str] = field(default_factory=dict)


class Programs(Protocol):
    """The commands of one rollout, and the mark that is kept beside its journal."""

    def begin(self, step: Step) -> None:
        """Start it and return at once; what ran before under that step is over. Raises OperatingError."""
        ...

    def ended(self, step: Step) -> Ended | None:
        """None while it runs."""
        ...

    def begun(self, step: Step) -> bool:
        """Whether this process began it: what another one began died with that one."""
        ...

    def last(self, step: Step) -> str:
        """The last lines that it wrote so far."""
        ...

    def stop(self, step: Step) -> None:
        """End it with all that it started, and forget it."""
        ...

    def mark(self) -> Mark: ...

    def keep(self, mark: Mark) -> None:
        """Return only when it is safe."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the candidate stands. `outputs`: its names, once it has been made."""

    presence: Presence
    detail: str = ""
    outputs: Mapping[str, str] | None = None


class Making:
    """One candidate's."""

    def __init__(self, spec: Command, programs: Programs) -> None:
        self._spec, self._programs = spec, programs

    def standing(self) -> Standing:
        """Raises OperatingError while nobody can tell."""
        mark = self._programs.mark()
        match mark.stage:
            case "made":
                return Standing(Presence.READY, outputs=mark.outputs)
            case "begun":
                return self._being_made()
            case "going":
                return self._going()
            case _:
                return self._asked() if self._spec.look is not None else Standing(Presence.ABSENT)

    def create(self) -> None:
        """Begin, or begin again after a crash."""
        mark = self._programs.mark()
        if mark.stage == "nothing" or (mark.stage == "begun" and not self._programs.begun("create")):
            self._programs.keep(Mark("begun"))
            self._programs.begin("create")

    def remove(self) -> None:
        """Begin, or begin again after a crash or a failure. Nothing where nothing was begun."""
        mark, programs = self._programs.mark(), self._programs
        if mark.stage == "nothing":
            return
        if mark.stage != "going":
            programs.stop("create")
            programs.stop("remove")  # one that ended removed an earlier candidate
            programs.keep(Mark("going", mark.outputs))
        if not programs.begun("remove") or self._failed("remove"):
            programs.begin("remove")

    # -- how it works ---------------------------------------------------------------------------------------------

    def _being_made(self) -> Standing:
        if not self._programs.begun("create"):
            return Standing(Presence.CREATING, "create was cut off: it is begun again")
        ended = self._programs.ended("create")
        if ended is None:
            return Standing(Presence.CREATING, f"create runs: {self._programs.last('create') or 'nothing said yet'}")
        if ended.code != 0:
            return Standing(Presence.FAILED, f"create: {ended.words}")
        outputs = outputs_of(ended.lines)
        if outputs is None:
            wanted = " and ".join(KEYS)
            return Standing(Presence.FAILED, f"create exited with 0 and said no JSON object with {wanted}")
        self._programs.keep(Mark("made", outputs))
        return Standing(Presence.READY, outputs=outputs)

    def _going(self) -> Standing:
        if not self._programs.begun("remove"):
            return Standing(Presence.REMOVING, "remove was cut off: it is begun again")
        ended = self._programs.ended("remove")
        if ended is None:
            return Standing(Presence.REMOVING, f"remove runs: {self._programs.last('remove') or 'nothing said yet'}")
        if ended.code != 0:
            return Standing(Presence.REMOVING, f"remove: {ended.words}")
        self._programs.keep(Mark())
        return Standing(Presence.ABSENT)

    def _asked(self) -> Standing:
        """Nothing is kept here, but another machine may have made it: `look` knows."""
        programs = self._programs
        if not programs.begun("look"):
            programs.begin("look")
        ended = programs.ended("look")
        if ended is None:
            raise Unreachable("candidate.command.look has not answered yet")
        if ended.code == NOT_THERE:
            return Standing(Presence.ABSENT)
        outputs = outputs_of(ended.lines) if ended.code == 0 else None
        if outputs is None:
            programs.begin("look")
            raise Unreachable(f"candidate.command.look: {ended.words}")
        programs.keep(Mark("made", outputs))
        return Standing(Presence.READY, outputs=outputs)

    def _failed(self, step: Step) -> bool:
        ended = self._programs.ended(step)
        return ended is not None and ended.code != 0


def outputs_of(lines: tuple[str, ...]) -> Mapping[str, str] | None:
    """What the last line that is a JSON object says; None when there is none, or when it lacks a name."""
    for line in reversed(lines):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            complete = all(isinstance(said.get(key), str) and said[key] for key in KEYS)
            return {key: str(value) for key, value in said.items()} if complete else None
    return None
