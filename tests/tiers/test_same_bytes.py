"""Same files, same seed: the same trace, byte for byte, whatever the process and whatever ran before in it."""

import os
import subprocess
import sys

import pytest

from sim.scenario import built_in
from tests.catalogue import LIMIT, ROOT, SEED

SCRIPT = """
import hashlib, sys
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier
for name, path in sorted(built_in().items()):
    trace = rehearse(path, None, int(sys.argv[1]), tier=Tier.MEMORY).trace
    print(name, len(trace), hashlib.sha256(trace).hexdigest())
"""


@pytest.mark.slow
def test_the_whole_catalogue_gives_the_same_bytes_under_any_hash_seed_and_in_any_order(came_of):
    """On the memory tier, where it is cheap: forwards here, and `tests/catalogue.py` goes backwards. `tests/rehearsal`
    has some of it on moto."""
    env = os.environ | {"PYTHONHASHSEED": "0"}
    command = [sys.executable, "-c", SCRIPT, str(SEED)]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=LIMIT).stdout
    forwards = dict(line.split(" ", 1) for line in said.splitlines())
    assert sorted(forwards) == sorted(built_in())
    assert forwards == {name: told["bytes"] for name, told in came_of.items()}
