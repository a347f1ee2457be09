"""What holds for all trees of records, drawn at random."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bluegreen.answers import shares
from tests.answers.procedure import distribution
from tests.answers.zones import alias, own, record

TOP = "www.example.com."


@st.composite
def trees(draw):
    """(records, health): a tree under TOP; every leaf's value and every check is its own."""
    records, names, leaves = [], [TOP], 0
    depth = {TOP: 0}
    while names:
        name = names.pop()
        policy = draw(st.sampled_from(["simple", "weighted", "weighted", "failover"]))
        size = {"simple": 1, "failover": 2}.get(policy) or draw(st.integers(1, 4))
        for number in range(size):
            fields = {"check": draw(st.sampled_from([None, f"{name}{number}"]))}
            if policy == "weighted":
                fields["Weight"] = draw(st.sampled_from([0, 0, 1, 2, 10, 255]))
            elif policy == "failover":
                fields["Failover"] = ["PRIMARY", "SECONDARY"][number]
            if depth[name] < 3 and draw(st.integers(0, 2)) == 0:
                target = f"n{len(depth)}.example.com."
                depth[target] = depth[name] + 1
                names.append(target)
                records.append(alias(name, target, draw(st.booleans()), **fields))
            else:
                leaves += 1
                records.append(record(name, f"192.0.2.{leaves}", **fields))
    checks = [each["HealthCheckId"] for each in records if "HealthCheckId" in each]
    return records, {check: draw(st.booleans()) for check in checks}


def found(records, health):
    answered = shares([*own(), *records], TOP, "A", checks=health)
    return {endpoint.values[0]: share for endpoint, share in answered.items()}


@given(trees())
def test_there_is_always_an_answer_and_the_shares_make_a_whole(tree):
    answered = found(*tree)
    assert sum(answered.values()) == pytest.approx(1)
    assert all(share > 0 for share in answered.values())


@settings(max_examples=300)
@given(trees())
def test_the_shares_are_those_of_route_53s_own_procedure(tree):
    records, health = tree
    expected = {value: share for value, share in distribution(records, TOP, health.get).items() if share}
    assert found(records, health) == pytest.approx({value: float(share) for value, share in expected.items()})


@given(trees(), st.data())
def test_a_record_that_falls_ill_never_gains(tree, data):
    records, health = tree
    sound = [each for each in records if "ResourceRecords" in each and health.get(each.get("HealthCheckId"))]
    assume(sound)
    ill = data.draw(st.sampled_from(sound))
    value = ill["ResourceRecords"][0]["Value"]
    before, after = found(records, health), found(records, {**health, ill["HealthCheckId"]: False})
    assert after.get(value, 0) <= before.get(value, 0) + 1e-9


@given(trees(), st.randoms(use_true_random=False))
def test_the_order_in_which_records_are_listed_does_not_matter(tree, random):
    records, health = tree
    shuffled = [*records]
    random.shuffle(shuffled)
    assert found(shuffled, health) == pytest.approx(found(records, health))


@given(trees(), st.integers(2, 1000))
def test_weights_count_only_in_relation_to_each_other(tree, factor):
    records, health = tree
    scaled = [{**each, "Weight": each["Weight"] * factor} if "Weight" in each else each for each in records]
    assert found(scaled, health) == pytest.approx(found(records, health))
