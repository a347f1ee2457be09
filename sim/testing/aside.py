"""What Hypothesis does to a test's own code is kept from the simulation inside of it.

Its deadline: how long a simulation takes in real time says nothing about a rollout, and on a shared machine it would
fail tests by chance. Its tracing of lines, with which it explains failures: the lines would be ours, which tell a team
nothing, and shrinking would take four times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from hypothesis import currently_in_test_context
from hypothesis.control import current_build_context

OURS = "bluegreen: rehearse"


@contextmanager
def aside() -> Iterator[None]:
    """The time inside does not count to the deadline, as time in the rules of a state machine does not, and nothing is
    traced by Hypothesis; whoever else traces (coverage, a debugger) goes on. With a Hypothesis that keeps no account of
    such time, it counts."""
    if not currently_in_test_context():
        yield
        return
    account: dict[str, float] = getattr(current_build_context().data, "_stateful_run_times", {})
    tracer, began = sys.gettrace(), perf_counter()
    if type(getattr(tracer, "__self__", None)).__module__.startswith("hypothesis."):
        sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
        account[OURS] = account.get(OURS, 0.0) + perf_counter() - began
