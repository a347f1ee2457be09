"""A CloudWatch alarm must not be in ALARM."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import Judgement, Verdict


class Alarm(Gate):
    """OK passes, ALARM fails, INSUFFICIENT_DATA and an alarm that cannot be read are unknown."""

    kind: Literal["alarm"] = "alarm"
    alarm: str

    @model_validator(mode="before")
    @classmethod
    def _name_from_alarm(cls, data: Any) -> Any:
        return {"name": data["alarm"], **data} if isinstance(data, dict) and "alarm" in data else data

    def alarms(self) -> tuple[str, ...]:
        return (self.alarm,)

    def judge(self, evidence: Evidence) -> Judgement:
        state = evidence.seen.alarms.get(self.alarm)
        if state == "ALARM":
            return self.says(Verdict.FAIL, f"alarm {self.alarm} is in ALARM")
        if state == "OK":
            return self.says(Verdict.PASS, f"alarm {self.alarm} is OK")
        return self.says(Verdict.UNKNOWN, f"alarm {self.alarm} is {state or 'not to be seen'}")
