"""The rollout file: what the operator asked for. Strict: unknown keys are refused, every bound is checked, and all
problems are told at once with their lines. `Plan` never changes during a rollout; its hash is in the journal.
"""

from bluegreen.plan.candidate import Candidate, Clone, Template
from bluegreen.plan.files import load_plan, with_template_beside
from bluegreen.plan.hashed import ADDED
from bluegreen.plan.pace import Deadlines, Drain, Moved, Rollback, Verify
from bluegreen.plan.service import Guard, Live, Service
from bluegreen.plan.whole import Plan

__all__ = [
    "ADDED",
    "Candidate",
    "Clone",
    "Deadlines",
    "Drain",
    "Guard",
    "Live",
    "Moved",
    "Plan",
    "Rollback",
    "Service",
    "Template",
    "Verify",
    "load_plan",
    "with_template_beside",
]
