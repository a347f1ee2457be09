"""Whether the candidate will have the machines it needs, and the right ones."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_share


@finding(
    "step-below-capacity",
    Severity.WARNING,
    fact="what ten machines carry, fewer of the same size do not; autoscaling comes minutes later (EC2 Auto Scaling"
    " User Guide, target tracking: alarms of three one-minute points, then launch and warm-up)",
)
def below(case: Case) -> Iterator[Hit]:
    """The last step, margin included, gets fewer machines than the live slot has (needs --instances or --account)."""
    spec, live = case.plan.candidate, case.known.instances
    if live is not None and spec.instances is not None and spec.instances * (1 + spec.margin) < live:
        what = (
            f"all traffic gets {spec.instances} machines and {show_share(spec.margin)} more; the live slot has {live}"
        )
        yield Hit(
            ("candidate", "instances"), what, f"leave `instances` out (then it is {live}), unless they are larger"
        )


@finding(
    "no-margin",
    Severity.WARNING,
    fact="the realised share of a step is above its upper tail one time in forty (binomial), and a machine may fail",
)
def margin(case: Case) -> Iterator[Hit]:
    """No capacity is kept above what a step is expected to need."""
    if case.plan.candidate.margin == 0:
        what = "a machine that fails, or a lumpy share, is more than the candidate can carry"
        yield Hit(("candidate", "margin"), what, "keep 20%, the default")


@finding(
    "launch-template-version-floats",
    Severity.WARNING,
    fact="EC2 Auto Scaling User Guide, launch templates: $Latest and $Default are looked up at every launch",
)
def floats(case: Case) -> Iterator[Hit]:
    """The clone launches a version that may be another one tomorrow: machines launched later were never verified."""
    clone = case.plan.candidate.clone
    if clone is not None and clone.launch_template is not None and clone.version.startswith("$"):
        what = f"{clone.version} of {clone.launch_template} is looked up anew at every launch"
        yield Hit(("candidate", "clone", "version"), what, 'give the number of the version, like `version: "7"`')
