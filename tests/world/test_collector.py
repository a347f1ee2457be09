"""Python's collector rests during a run, and is afterwards as it was before."""

import gc

import pytest

from sim.collector import resting


@pytest.fixture(params=[True, False], ids=["it worked", "it was switched off"])
def worked(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_it_rests_inside_and_is_as_before_afterwards_also_when_nested(worked):
    with resting():
        with resting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is worked


def test_it_is_as_before_when_the_run_fails(worked):
    with pytest.raises(ZeroDivisionError), resting():
        _ = 1 / 0
    assert gc.isenabled() is worked
