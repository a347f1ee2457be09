"""The candidate is configured as it was designed: its image, instance type, sizes, zones, stack parameters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bluegreen.checks.base import Case, Check
from bluegreen.model import CheckView


def _as_text(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class Config(Check):
    """Each must read exactly so. Names: image, instance type, launch template, launch configuration, minimum, maximum,
    health check, zones, zones in service, and `parameter <name>` of the group's CloudFormation stack."""

    kind: Literal["config"] = "config"
    expect: Annotated[dict[str, Annotated[str, BeforeValidator(_as_text)]], Field(min_length=1)]

    @property
    def wants_built(self) -> bool:
        return True

    def judge(self, case: Case) -> CheckView:
        built = case.seen.built
        if built is None:
            return CheckView("running", "the candidate's configuration cannot be read")
        wrong = []
        for name, wanted in self.expect.items():
            if name not in built:
                wrong.append(f"there is no {name} to be read, only {', '.join(sorted(built)) or 'nothing'}")
            elif built[name] != wanted:
                wrong.append(f"{name} is {built[name]}, not {wanted}")
        return CheckView("failed", "; ".join(wrong)) if wrong else CheckView("passed", "it is configured as designed")
