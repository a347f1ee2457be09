"""What is kept from look to look says the same as what is worked out anew."""

from datetime import timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from bluegreen.model import Slot, query_of
from sim.clock import EPOCH
from sim.cloudwatch.measures import COUNTED, counts
from sim.memory.metrics import Metrics
from sim.served import Served
from tests.cloudwatch.store import Fed, served

MINUTE = timedelta(minutes=1)
MEASURES = ("requests", "errors", "latency_p99", "healthy_hosts")
QUERIES = tuple(query_of(measure, slot) for slot in Slot for measure in MEASURES)
FEW = st.integers(0, 50)


@st.composite
def stretches(draw):
    """What may become of requests."""
    unreachable, rejected, dead, shed, failed, answered = (draw(FEW) for _ in range(6))
    done = Served(unreachable + rejected + dead + shed + failed + answered, unreachable, rejected, dead, shed, failed)
    done.timed_out = draw(st.integers(0, dead))
    done.given_up = draw(st.integers(0, dead - done.timed_out))
    done.spilled = draw(st.integers(0, rejected))
    return done


@given(st.lists(stretches(), max_size=5))
def test_what_is_counted_of_a_minute_is_the_sum_of_what_each_stretch_tells(parts):
    names = ("routed", "target_5xx", "elb_5xx", "elb_502", "rejected", "timed_out", "spilled")
    each = {name: sum(getattr(done, name) for done in parts) for name in names if name != "target_5xx"}
    each["target_5xx"] = sum(done.shed + done.failed for done in parts)
    assert counts(parts) == {measure: each[name] for measure, name in zip(COUNTED, names, strict=True)}


def port(metrics):
    """One engine's, whose calls take no time."""
    world = SimpleNamespace(metrics=metrics, data=None)
    plan = SimpleNamespace(traffic=SimpleNamespace(shared=False), data=None)
    store = SimpleNamespace(world=world, spec=SimpleNamespace(balancer="application"), plan=plan)
    return Metrics(SimpleNamespace(ask=lambda call, answer: answer()), store, lambda slot: True)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 200),
            st.integers(0, 20),
            st.sampled_from([0, 30, 60, 150]),
            st.booleans(),
            st.integers(0, 3),
            st.integers(1, 12),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_an_engine_that_looked_before_reads_what_one_reads_that_looks_for_the_first_time(minutes):
    """However late points are published, whatever is lost, and however often nothing is new between two looks."""
    fed = Fed()
    kept = port(fed.metrics)
    for minute, (requests, failed, delay, lost, times, back) in enumerate(minutes, 1):
        fed.metrics.delay = timedelta(seconds=delay)
        fed.metrics.gap = {Slot.BLUE} if lost else set()
        fed.metrics.count(Slot.BLUE, served(requests + failed, failed=failed))
        fed.env.run(until=minute * 60_000)
        fed.metrics.close(Slot.BLUE, {"healthy_hosts": 2.0})
        for _ in range(times):
            at = EPOCH + timedelta(milliseconds=fed.env.now)
            window = (QUERIES, at - back * MINUTE, at)
            assert kept.read(*window) == port(fed.metrics).read(*window)
            fed.env.run(until=fed.env.now + 15_000)
