"""A CloudWatch alarm must not be in ALARM."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import model_validator

from bluegreen.gates.base import Evidence, Gate, left_out
from bluegreen.model import Judgement, Observation, Verdict
from bluegreen.registry import examples

AlreadyFiring = Literal["fail", "ignore"]


class Alarm(Gate):
    """OK passes, ALARM fails, INSUFFICIENT_DATA and an alarm that cannot be read are unknown."""

    model_config = examples({"alarm": "checkout-errors"}, {"alarm": "checkout-errors", "limits": {"consecutive": 5}})

    kind: Literal["alarm"] = "alarm"
    alarm: str
    already_firing: Annotated[AlreadyFiring, left_out("fail")] = "fail"
    """An alarm that was in ALARM when the first users came and has been ever since: `fail` judges by its state, so that
    nothing can be shipped while it fires. `ignore` lets it decide nothing until it has left ALARM once: then the fix
    can be shipped, and from then on the alarm counts. Another gate must decide meanwhile."""

    @model_validator(mode="before")
    @classmethod
    def _name_from_alarm(cls, data: Any) -> Any:
        return {"name": data["alarm"], **data} if isinstance(data, dict) and "alarm" in data else data

    @property
    def decides_alone(self) -> bool:
        return not self.dry_run and self.already_firing == "fail"

    @property
    def remembers(self) -> bool:
        return super().remembers or self.already_firing == "ignore"

    def alarms(self) -> tuple[str, ...]:
        return (self.alarm,)

    def alarms_before(self) -> tuple[str, ...]:
        return self.alarms() if self.already_firing == "ignore" else ()

    def unread(self, seen: Observation) -> bool:
        return self.alarm not in seen.alarms

    def well(self, seen: Observation) -> bool:
        return seen.alarms.get(self.alarm) in ("OK", "INSUFFICIENT_DATA")

    def verdict(self, evidence: Evidence) -> Judgement:
        state = evidence.seen.alarms.get(self.alarm)
        if state == "ALARM" and self._fired_before(evidence):
            why = f"alarm {self.alarm} has been in ALARM since before users came: it says nothing about the candidate"
            return replace(self.says(Verdict.UNKNOWN, why), decides=False)
        if state == "ALARM":
            return self.says(Verdict.FAIL, f"alarm {self.alarm} is in ALARM")
        if state == "OK":
            return self.says(Verdict.PASS, f"alarm {self.alarm} is OK")
        return self.says(Verdict.UNKNOWN, f"alarm {self.alarm} is {state or 'not to be seen'}")

    def _fired_before(self, evidence: Evidence) -> bool:
        return self.already_firing == "ignore" and not (evidence.tally and evidence.tally.well)
