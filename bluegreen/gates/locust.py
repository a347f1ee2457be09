"""A load test in each step, beside the users."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import model_validator

from bluegreen.checks.locust import Locust as Run
from bluegreen.gates.asked import AskedGate
from bluegreen.registry import examples
from bluegreen.units import PositiveDuration, parse_duration


class Locust(AskedGate):
    """A locust run within its limits passes, one above them fails. A run that did not reach the load that was asked of
    it (`rate_at_least`, `requests_at_least`) is no evidence, whatever it found: unknown."""

    model_config = examples({"load": {"file": "users.py", "users": 10}})

    kind: Literal["locust"] = "locust"
    load: Run
    """As in `verify.checks`."""
    again: PositiveDuration = parse_duration("10m")

    @model_validator(mode="before")
    @classmethod
    def _name_from_kind(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        load = data.get("load")
        named = {"kind": "locust", **load} if isinstance(load, dict) else load
        return {"name": "locust", **data, "load": named}

    def check(self) -> Run:
        spare = timedelta(minutes=1)
        return self.load.model_copy(
            update={"name": self.name, "timeout": max(self.timeout, self.load.timeout, self.load.lasts + spare)}
        )
