"""The plan as it is walked where all goes well: without what nobody can foresee.

Checks, hooks and gates whose answers the file cannot tell (a command, a person, a metric of one's own) pass at once;
the fallback stands; the data are as they must be; the deployment windows are open. Everything else stays as it is.
"""

from __future__ import annotations

from bluegreen.checks.base import Case, Check
from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import CheckView, Judgement, Verdict
from bluegreen.plan import Plan
from bluegreen.preview.gates import can_be_tried
from bluegreen.windows import Windows


class Passes(Check):
    """Whatever was to be checked is so."""

    def judge(self, case: Case) -> CheckView | None:
        return CheckView("passed")


class Content(Gate):
    """Whatever was to be judged is well."""

    def verdict(self, evidence: Evidence) -> Judgement:
        return self.says(Verdict.PASS, "taken to pass")


def calm(plan: Plan) -> Plan:
    """See the top of this file."""
    gates = tuple(gate if can_be_tried(gate) else Content(name=gate.name) for gate in plan.gates)
    checks = tuple(Passes(name=check.name) for check in plan.verify.checks)
    hooks = tuple(hook.model_copy(update={"check": Passes(name=hook.check.name)}) for hook in plan.hooks)
    return plan.model_copy(
        update={
            "gates": gates,
            "hooks": hooks,
            "verify": plan.verify.model_copy(update={"checks": checks}),
            "fallback": None,
            "data": None,
            "windows": Windows(),
            "selftest": plan.selftest.model_copy(update={"alarms": "off"}),
        }
    )


def taken_to_pass(plan: Plan) -> list[str]:
    """Names of what nobody can foresee."""
    gates = [gate.name for gate in plan.gates if not can_be_tried(gate)]
    fallback = ["fallback"] if plan.fallback is not None else []
    checks = [*plan.verify.checks, *(hook.check for hook in plan.hooks)]
    fallback += ["data"] if plan.data is not None else []
    return [*gates, *fallback, *dict.fromkeys(check.name for check in checks)]
