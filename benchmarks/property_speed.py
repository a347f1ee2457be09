"""How fast Hypothesis goes: examples of a property over whole rollouts, drawing and judging included."""

import time
from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.figure import Figure

EXAMPLES = 300


def figures() -> Iterator[Figure]:
    from sim.testing import SMALL

    yield Figure("property over whole rollouts, one step", _rate(dict(SMALL)), "examples/s", "at least 60")
    yield Figure("property over whole rollouts, ten steps", _rate({}), "examples/s")


def _rate(change: dict[str, object]) -> float:
    """Examples per second of processor time: the machine may be busy with something else."""
    from sim.testing import rehearse, scenarios

    tried = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(scenarios(change=change))
    def holds(case):
        nonlocal tried
        tried += 1
        rehearse(case)

    rehearse_once(change)
    began = time.process_time()
    holds()
    return tried / (time.process_time() - began)


def rehearse_once(change: dict[str, object]) -> None:
    """What is imported and worked out once is not counted."""
    from sim.testing import Drawn, rehearse

    rehearse(Drawn(about="first", change=change))
