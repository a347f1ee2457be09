"""Every strategy of the folder, whatever its parameters: finite, rising, ending at 100 %."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bluegreen.decide.capacity import live_can_carry, needed, upper_share, weights_for
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.registry import kinds
from bluegreen.strategies.all_at_once import AllAtOnce
from bluegreen.strategies.base import Strategy
from bluegreen.strategies.canary import Canary
from bluegreen.strategies.custom import Custom
from bluegreen.strategies.linear import Linear

from ..engine.memory import START
from ..engine.test_engine import PLAN

HOLD = timedelta(minutes=5)
SHARES = st.integers(1, 999).map(lambda n: n / 1000)


@st.composite
def customs(draw):
    shares = [*sorted(draw(st.sets(SHARES, max_size=10))), 1.0]
    return Custom(steps=[{"share": share, "hold": HOLD} for share in shares])


ALL = st.one_of(
    st.builds(Linear, step=SHARES, hold=st.just(HOLD)),
    st.builds(Canary, share=SHARES, hold=st.just(HOLD)),
    st.builds(AllAtOnce, hold=st.just(HOLD)),
    customs(),
)


def test_no_strategy_is_left_out_here():
    assert set(kinds("bluegreen.strategies", Strategy)) == {"linear", "canary", "custom", "all_at_once"}


@given(ALL)
def test_steps_are_finite_and_rise_to_all(strategy):
    shares = [step.share for step in strategy.steps()]
    assert 0 < len(shares) <= 1000
    assert all(a < b for a, b in itertools.pairwise(shares))
    assert shares[0] > 0 and shares[-1] == 1.0


@given(SHARES)
def test_weights_are_what_route_53_takes_and_never_all_zero(share):
    weights = weights_for(Slot.BLUE, share)
    assert all(0 < weight <= 255 for weight in weights.values())
    assert abs(weights[Slot.GREEN] / sum(weights.values()) - share) <= 1 / 255


def test_zero_means_zero_and_all_means_all():
    assert weights_for(Slot.BLUE, 0.0) == {Slot.BLUE: 100, Slot.GREEN: 0}
    assert weights_for(Slot.GREEN, 1.0) == {Slot.GREEN: 0, Slot.BLUE: 100}


@given(SHARES, SHARES, st.integers(1, 10_000))
def test_more_share_never_needs_less_capacity(one, two, resolvers):
    small, _large = sorted([one, two])
    assert upper_share(small, resolvers) >= small
    rollout = Rollout("x", Slot.BLUE, Phase.SCALE, START, START, live_capacity=10)
    assert needed(PLAN, rollout, small) <= needed(PLAN, rollout, 1.0)
    assert needed(PLAN, rollout, 1.0) == 12  # ten and the margin of 20 %


@given(st.integers(1, 500), st.integers(0, 600))
def test_the_live_slot_carries_all_with_what_it_had_and_nothing_with_nothing(had, healthy):
    rollout = Rollout("x", Slot.BLUE, Phase.ROLLBACK, START, START, live_capacity=had)
    carries = live_can_carry(PLAN, rollout, healthy)
    assert 0 <= carries <= 1
    assert (carries == 1) >= (healthy >= had)
    assert live_can_carry(PLAN, rollout, 0) == 0
