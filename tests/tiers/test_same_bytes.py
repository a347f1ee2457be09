"""Same files, same seed: the same trace, byte for byte, whatever the process and whatever ran before in it."""

import os
import subprocess
import sys

import pytest

from sim.scenario import built_in

SCRIPT = """
import hashlib, sys
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier
catalogue = built_in()
for name in sorted(catalogue, reverse=sys.argv[1] == "backwards"):
    trace = rehearse(catalogue[name], None, 3, tier=Tier.MEMORY).trace
    print(name, len(trace), hashlib.sha256(trace).hexdigest())
"""


def start(hash_seed, order):
    env = os.environ | {"PYTHONHASHSEED": hash_seed}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, order], env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_the_whole_catalogue_gives_the_same_bytes_under_any_hash_seed_and_in_any_order():
    """On the memory tier, where it is cheap; `tests/rehearsal` has some of it on moto."""
    children = [start("0", "forwards"), start("4711", "backwards")]
    one, other = (sorted(child.communicate(timeout=300)[0].splitlines()) for child in children)
    assert all(child.returncode == 0 for child in children)
    assert [line.split()[0] for line in one] == sorted(built_in())
    assert [told for told, again in zip(one, other, strict=True) if told != again] == []
