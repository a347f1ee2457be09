"""A step that a rollout applies to the database in use: begun, looked at and kept like a check.

It is the same step as a schema check tries (`AnyStep`). The database is named by its URL in an environment variable of
the engine's, so that neither a file nor a journal has its password.
"""

from __future__ import annotations

from bluegreen.checks.base import Check
from bluegreen.schema.apply.base import VARIABLE, Variable
from bluegreen.schema.step import AnyStep


class Migration(Check):
    """Passes when the whole step is applied."""

    step: AnyStep
    url_from: Variable = VARIABLE

    @classmethod
    def of(cls, name: str, step: AnyStep, url_from: str) -> Migration:
        """`name`: as it is called in the journal."""
        return cls(name=name, step=step, url_from=url_from, timeout=step.timeout, retries=step.retries)
