"""Manual acceptance: people look at the candidate and say yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from bluegreen.checks.base import Case, Check, Name
from bluegreen.model import CheckView
from bluegreen.units import PositiveDuration, parse_duration, show_duration

Person = Annotated[str, Field(min_length=1, max_length=64)]


class Accept(Check):
    """`count` different people of those named must accept, and one of each role at least; one of them who refuses is
    enough to fail it. Answers of others are not counted. Who has answered is in the journal, so it outlives a crash,
    and so does the time limit."""

    kind: Literal["accept"] = "accept"
    who: tuple[Person, ...] = ()
    roles: dict[Name, Annotated[tuple[Person, ...], Field(min_length=1)]] = {}
    """Who can speak for each role: {release: [ann, bob], support: [cleo]}."""
    count: Annotated[int, Field(ge=1, le=20)] = 1
    timeout: PositiveDuration = parse_duration("24h")
    at_limit: Literal["refuse", "accept", "ask"] = "refuse"
    """What nobody's answer means when the time is up. That is all that can be unknown here, so `ask` is the same as
    `on_unknown: ask`: either of them says both."""

    @model_validator(mode="before")
    @classmethod
    def _ask_is_ask(cls, data: Any) -> Any:
        if isinstance(data, dict) and "ask" in (data.get("at_limit"), data.get("on_unknown")):
            return {"at_limit": "ask", "on_unknown": "ask", **data}
        return data

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.people:
            raise ValueError("say who may accept: `who: [ann, bob]`, or `roles: {release: [ann, bob]}`")
        if self.count > len(self.people):
            raise ValueError(f"{self.count} people must accept, but only {len(self.people)} may")
        if (self.at_limit == "ask") != (self.on_unknown == "ask"):
            said = f"`at_limit: {self.at_limit}` and `on_unknown: {self.on_unknown}`"
            raise ValueError(f"{said} say different things of the same moment: leave one of them out")
        if self.retries:
            raise ValueError("people are asked once: leave out retries")
        return self

    @property
    def people(self) -> tuple[str, ...]:
        """All who may answer."""
        named = (*self.who, *(person for role in self.roles.values() for person in role))
        return tuple(dict.fromkeys(named))

    def judge(self, case: Case) -> CheckView:
        """`case.run.accepted` holds who has accepted; a refusal has ended the run already (`decide/acceptance.py`)."""
        missing = list(self._missing(case.run.accepted))
        if not missing:
            return CheckView("passed", f"accepted by {', '.join(case.run.accepted)}")
        if case.waited < self.timeout:
            return CheckView("running", f"waits for {' and '.join(missing)} to accept")
        why = f"after {show_duration(self.timeout)} still without {' and '.join(missing)}"
        if self.at_limit == "accept":
            return CheckView("passed", f"{why}; silence counts as acceptance")
        return CheckView("unknown" if self.at_limit == "ask" else "failed", why)

    def _missing(self, accepted: tuple[str, ...]) -> Iterator[str]:
        if not accepted and self.count == 1 and not self.roles:
            yield " or ".join(self.people)
            return
        for role, people in sorted(self.roles.items()):
            if not set(people) & set(accepted):
                yield f"{role} ({' or '.join(people)})"
        left = [person for person in self.people if person not in accepted]
        if len(accepted) < self.count:
            yield f"{self.count - len(accepted)} more of {', '.join(left)}"
