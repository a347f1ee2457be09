"""Whatever happens to a fleet: its counts are right, it told the world before each change, and it comes to rest."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from .groups import SECOND, Group, counts, recount

PROCESSES = ["Launch", "Terminate", "AZRebalance", "HealthCheck", "ReplaceUnhealthy", "AddToLoadBalancer"]

zones = st.sampled_from("abc")
steps = st.one_of(
    st.tuples(st.just("want"), st.integers(0, 12)),
    st.tuples(st.just("lose"), zones),
    st.tuples(st.just("regain"), zones),
    st.tuples(st.just("short"), zones),
    st.tuples(st.just("terminate"), st.integers(0, 11)),
    st.tuples(st.just("ill"), st.integers(0, 11)),
    st.tuples(st.just("crash"), st.just(0)),
    st.tuples(st.just("failing"), st.sampled_from([0.0, 0.3, 1.0])),
    st.tuples(st.just("suspend"), st.sampled_from(PROCESSES)),
    st.tuples(st.just("resume"), st.sampled_from(PROCESSES)),
)
moments = st.tuples(steps, st.integers(0, 400))
specs = st.fixed_dictionaries(
    {},
    optional={
        "warm_pool": st.just({"prepared": 8}),
        "hooks": st.just([{"heartbeat": "2m"}]),
        "boot_failure": st.just("30%"),
        "launch_failure": st.just("30%"),
        "health_check": st.sampled_from(["ELB", "EC2"]),
        "default_warm_up": st.just("1m"),
        "drain": st.sampled_from(["0s", "60s"]),
    },
)


def act(group, what, value):
    fleet = group.fleet
    machines = [i for i in fleet.instances if i.active]
    match what:
        case "want":
            fleet.want(value)
        case "lose":
            group.lose(value)
        case "regain":
            group.regain(value)
        case "short":
            fleet.capacity_short ^= {value}
        case "terminate" if value < len(machines):
            fleet.terminate(machines[value], shrink=False)
        case "ill" if value < len(machines):
            fleet.mark_unhealthy(machines[value])
        case "crash":
            fleet.minute(timedelta(minutes=1))
        case "failing":
            fleet.failing(value)
        case "suspend":
            fleet.suspend([value])
        case "resume":
            fleet.resume([value])


def visible(group):
    """What the flow of requests meets, but for the slow growth of strength."""
    return group.fleet.routed, group.fleet.answering


def go(group, seconds):
    """Event by event; the world must have been told before each visible change."""
    end = group.env.now + seconds * SECOND
    while group.env.peek() <= end:
        before, told = visible(group), len(group.settled)
        group.env.step()
        check(group, before, told)
    group.env.run(until=end + 1)


def check(group, before, told):
    assert counts(group.fleet) == recount(group.fleet)
    if visible(group) != before:
        assert len(group.settled) > told
        assert group.settled[-1] == group.env.now


@settings(max_examples=150, deadline=None)
@given(st.lists(moments, max_size=12), specs, st.integers(0, 5))
def test_counts_equal_a_recount_and_every_visible_change_is_announced(story, spec, seed):
    group = Group(seed=seed, live=True, instances=6, minimum=0, maximum=12, **spec)
    for (what, value), seconds in story:
        before, told = visible(group), len(group.settled)
        act(group, what, value)
        check(group, before, told)
        go(group, seconds)


@settings(max_examples=150, deadline=None)
@given(st.lists(moments, max_size=12), specs, st.sets(zones, max_size=2), st.integers(0, 5))
def test_once_troubles_end_the_fleet_comes_to_rest_at_its_wish_in_zones_that_are_up(story, spec, lost, seed):
    group = Group(seed=seed, live=True, instances=6, minimum=0, maximum=12, **spec)
    fleet = group.fleet
    for (what, value), seconds in story:
        act(group, what, value)
        go(group, seconds)
    fleet.resume(PROCESSES)
    fleet.capacity_short.clear()
    fleet.failing(0.0)
    fleet.minute()
    fleet.boot_failure = fleet.launch_failure = 0.0
    group.regain(*"abc")
    group.lose(*lost)
    go(group, 3 * 3600)
    fleet.minute()
    held = [count for zone, count in group.zones().items() if zone not in lost]
    assert fleet.active == fleet.in_service == fleet.desired == len(fleet.instances)
    assert sum(held) == fleet.desired, "none is left in a lost zone"
    assert max(held) - min(held) <= 1
    if spec.get("health_check") != "EC2":
        assert fleet.healthy == fleet.registered == fleet.answering == fleet.strength


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 59), max_size=8), st.integers(0, 5))
def test_time_that_is_cut_differently_changes_nothing(cuts, seed):
    """Looking at the fleet, or accounting for its work, at other moments leaves all lives as they were."""

    def lives(cuts):
        group = Group(seed=seed, live=True, instances=6, maximum=20, autoscaling=True)
        group.fleet.want(9)
        for _ in range(20):
            at = 0
            for cut in [*sorted(set(cuts)), 60]:
                group.env.run(until=group.env.now + (cut - at) * SECOND)
                group.fleet.worked(0.7, cut - at)
                assert group.fleet.strength <= 20
                at = cut
            group.fleet.minute(timedelta(minutes=30))
        return [(i.id, i.entered, i.serving_since, i.health, i.zone) for i in group.fleet.instances]

    assert lives(cuts) == lives([])
