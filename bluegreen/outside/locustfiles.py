"""Where locust files are, and whether locust is here at all. Found, never imported: they are locust's alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import bluegreen
from bluegreen.checks.locust import Locust
from bluegreen.errors import UserError
from bluegreen.gates.locust import Locust as LocustGate
from bluegreen.plan import Plan

SHIPPED = Path(bluegreen.__file__).parent.parent / "loadtests"


def locust_file(file: Path) -> Path:
    """A team's own; where it has none in its `loadtests/`, the one of that name that comes with this package."""
    ours = SHIPPED / file.name
    return ours if file.parent.name == SHIPPED.name and not file.exists() and ours.exists() else file.resolve()


def need_locust(plan: Plan) -> None:
    """Raises UserError when the plan asks for locust and it is not installed, or for a file that is not there."""
    runs = [check for check in (*plan.verify.checks, *(hook.check for hook in plan.hooks)) if isinstance(check, Locust)]
    runs += [gate.load for gate in plan.gates if isinstance(gate, LocustGate)]
    if runs and find_spec("locust") is None:
        raise UserError(f"{runs[0].name}: locust is not installed here; pip install 'bluegreen-rehearsal[stage]'")
    lost = [f"{run.name}: there is no locust file {run.file}" for run in runs if not locust_file(run.file).is_file()]
    if lost:
        ours = "smoke, steady, ramp, spike and soak"
        raise UserError("\n".join([*lost, f"besides your own there are {ours}, like loadtests/steady.py"]))
