"""How fast the command answers: `bluegreen --help` as a whole process, and a first rehearsal from a cold start."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

COMMAND = str(Path(sys.executable).with_name("bluegreen"))


def figures() -> Iterator[Figure]:
    yield Figure("bluegreen --help", _median([COMMAND, "--help"], 9), "s", "under 0.25 s")
    with tempfile.TemporaryDirectory() as room:
        rehearse = [COMMAND, "rehearse", "--reports", room]
        yield Figure("bluegreen rehearse, whole process, report included", _median(rehearse, 3), "s")


def _median(command: list[str], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
