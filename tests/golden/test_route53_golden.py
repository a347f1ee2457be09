"""Golden cases A of the field facts, by id. Letters: H healthy, U unhealthy, - no health check."""

import numpy as np
import pytest

from bluegreen.answers import balancer_healthy, shares
from sim.cloud.records import Zone
from sim.healthchecks import AlarmCheck, CalculatedCheck, enough
from sim.quotas import Size, TokenBucket

NAME = "www.example.com."
S3 = "s3-website-us-east-1.amazonaws.com"


def record(name, value, health="-", **policy):
    made = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}], "SetIdentifier": value}
    return {**made, **policy, **({} if health == "-" else {"HealthCheckId": f"{health} {name}{value}"})}


def alias(name, target, **policy):
    to = {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": to, **policy}


def healthy(check_id):
    return check_id.startswith("H")


def answered(records):
    found = shares(records, NAME, "A", checks=healthy)
    return {endpoint.values[0]: share for endpoint, share in found.items()}


def weighted(*members):
    """Of (weight, health): the share of each."""
    records = [record(NAME, str(n), health, Weight=weight) for n, (weight, health) in enumerate(members)]
    found = answered(records)
    return [found.get(str(n), 0) for n in range(len(members))]


def failover(primary, secondary):
    records = [record(NAME, "P", primary, Failover="PRIMARY"), record(NAME, "S", secondary, Failover="SECONDARY")]
    return answered(records)


def tree(a, b):
    """Primary: an alias to two weighted records; secondary: an alias to a website."""
    return answered(
        [
            alias(NAME, "app.example.com.", SetIdentifier="1", Failover="PRIMARY"),
            alias(NAME, S3, SetIdentifier="2", Failover="SECONDARY"),
            record("app.example.com.", "a", a, Weight=1),
            record("app.example.com.", "b", b, Weight=1),
        ]
    )


def calculated(threshold):
    children = {
        name: AlarmCheck(lambda state=state: state) for name, state in [("a", "OK"), ("b", "OK"), ("c", "ALARM")]
    }
    return CalculatedCheck(children, threshold).healthy


def a_1():
    assert weighted((1, "-"), (255, "-")) == [0.00390625, 0.99609375]


def a_2():
    found = weighted((0, "H"), (20, "H"), (50, "H"), (70, "H"))
    assert found == pytest.approx([0, 1 / 7, 5 / 14, 1 / 2])
    drawn = np.random.default_rng(1).multinomial(10_000, found, size=2_000) / 10_000
    assert drawn.std(axis=0) == pytest.approx([0, 0.0035, 0.0048, 0.0050], abs=0.00025)


def a_3():
    assert weighted((0, "-"), (0, "-"), (0, "-")) == pytest.approx([1 / 3] * 3)


def a_4():
    assert weighted((70, "U"), (20, "H"), (10, "H")) == pytest.approx([0, 2 / 3, 1 / 3])


def a_5():
    assert weighted((70, "U"), (20, "-"), (10, "U")) == [0, 1, 0]


def a_6():
    assert weighted((1, "U"), (1, "U"), (0, "H")) == [0, 0, 1]


def a_8():
    assert weighted((1, "U"), (1, "H"), (0, "U")) == [0, 1, 0]


def a_11():
    cases = [("H", "H"), ("H", "U"), ("U", "H"), ("U", "U")]
    assert [failover(*case) for case in cases] == [{"P": 1}, {"P": 1}, {"S": 1}, {"P": 1}]


def a_12():
    assert failover("U", "-") == {"S": 1}


def a_13():
    assert tree("U", "U") == {S3: 1}


def a_14():
    assert tree("U", "H") == {"b": 1}


def a_17():
    sent = [{**record(NAME, f"192.0.2.{n}", Weight=1), "TTL": ttl} for n, ttl in enumerate([300, 60])]
    own = [
        {"Name": "example.com", "Type": kind, "TTL": 9, "ResourceRecords": [{"Value": "x"}]} for kind in ("NS", "SOA")
    ]
    zone = Zone("example.com", own)
    for each in sent:
        zone = zone.changed([{"Action": "CREATE", "ResourceRecordSet": each}])
    assert [each["TTL"] for each in zone.group(NAME)] == [60, 60]


def a_18():
    assert [enough(3, 16), enough(2, 16), enough(9, 50), enough(10, 50)] == [True, False, False, True]


def a_19():
    assert [calculated(threshold) for threshold in (2, 3, 4, 0)] == [True, False, False, True]


def a_20():
    bucket = TokenBucket(Size(50, 10))
    assert sum(bucket.take(0) for _ in range(60)) == 50
    assert sum(bucket.take(1000) for _ in range(20)) == 10


def a_22():
    assert not balancer_healthy([(1, 3), (0, 2)])
    assert balancer_healthy([(1, 3), (2, 2)])


CASES = {f"A-{n}": globals()[f"a_{n}"] for n in (1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 14, 17, 18, 19, 20, 22)}


@pytest.mark.parametrize("case", CASES)
def test_route53_golden(case):
    CASES[case]()
