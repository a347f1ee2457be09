"""What rehearsals of the catalogue give. That each ends as it expects is `tests/tiers/test_same_decisions.py`."""

import json
import os
import subprocess
import sys

import pytest

from sim.rehearsal import rehearse
from sim.scenario import built_in

CATALOGUE = built_in()


def test_the_catalogue_has_at_least_a_dozen_scenarios():
    assert len(CATALOGUE) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("name", ["errors-at-30", "replies-lost", "engine-dies"])
def test_the_same_seed_gives_the_same_bytes_in_any_process(name):
    """Also under another hash seed, and after another run in the same process."""
    code = (
        "import sys; from sim.rehearsal import rehearse; from sim.scenario import built_in\n"
        "if sys.argv[2] == 'second': rehearse(built_in()['boot-failure'], None, 5)\n"
        "sys.stdout.buffer.write(rehearse(built_in()[sys.argv[1]], None, 7).trace)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, name, place],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed, place in [("0", "first"), ("1", "first"), ("random", "second")]
    ]
    assert runs[0] and runs[0] == runs[1] == runs[2]


def test_another_seed_gives_another_trace_and_the_same_end():
    one, two = (rehearse(CATALOGUE["errors-at-30"], None, seed) for seed in (1, 2))
    assert one.trace != two.trace
    assert one.run.rollout.end is two.run.rollout.end


def test_a_trace_holds_the_journal_the_world_the_faults_and_the_end():
    kinds = {json.loads(line)["kind"] for line in rehearse(CATALOGUE["engine-dies"], None, 1).trace.splitlines()}
    assert kinds >= {"header", "started", "decided", "resumed", "sample", "fault", "end"}
