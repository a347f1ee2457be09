"""RDS Blue/Green Deployments: what a switchover refuses, does, and never does halfway."""

import pytest
import simpy
from pydantic import ValidationError

from bluegreen.model import Slot
from sim.data.replica import Replica, ReplicaSpec
from sim.data.switchover import Deployment, DeploymentSpec, Status, SwitchoverSpec

SECOND, MINUTE = 1000, 60_000


class Setting:
    """A deployment in its own environment; `seen` has what was true when flows were settled."""

    def __init__(self, minutes=30, **spec):
        self.env, self.seen = simpy.Environment(), []
        self.green = Replica(ReplicaSpec(), self.env, settle=lambda: None)
        self.made = Deployment(
            DeploymentSpec(**spec), self.green, name="db", suffix="x", env=self.env, settle=self._settle
        )
        self.wait(minutes * MINUTE + 1)

    def _settle(self):
        self.seen.append((self.env.now, self.made.writable))

    def wait(self, length):
        self.env.run(until=self.env.now + length)

    def switch(self, **asked):
        self.made.switch(SwitchoverSpec(**asked))


def test_a_deployment_is_provisioned_first_and_cannot_be_switched_until_then():
    early = Setting(minutes=29)
    assert early.made.status is Status.PROVISIONING
    with pytest.raises(ValueError, match="PROVISIONING"):
        early.switch()
    early.wait(MINUTE)
    assert early.made.status is Status.AVAILABLE


def test_writes_stop_for_the_switchover_only_and_flows_are_settled_at_both_ends():
    it = Setting(renaming="20s")
    it.switch()
    begun = it.env.now
    it.wait(5 * MINUTE)
    assert it.made.status is Status.COMPLETED
    assert it.seen == [(begun, True), (begun + 20 * SECOND + 200, False)]


def test_after_a_switchover_names_lead_to_the_old_database_for_as_long_as_answers_are_kept():
    it = Setting()
    assert not it.made.names_cached
    it.switch()
    it.wait(20 * SECOND + 201)
    assert it.made.names_cached
    it.wait(5 * SECOND)
    assert not it.made.names_cached


def test_after_a_switchover_the_old_database_follows_no_longer_and_there_is_no_second_one():
    it = Setting()
    it.switch()
    it.wait(MINUTE)
    assert it.green.lag == -1
    with pytest.raises(ValueError, match="SWITCHOVER_COMPLETED"):
        it.switch()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("green_writes", "green takes writes"),
        ("blue_is_external_replica", "external"),
        ("long_writes", "long-running"),
        ("long_ddl", "DDL"),
    ],
)
def test_a_guardrail_that_fails_changes_nothing_and_can_be_tried_again(condition, words):
    it = Setting()
    setattr(it.made.conditions, condition, True)
    it.switch()
    assert (it.made.status, it.made.writable, it.seen) == (Status.FAILED, True, [])
    assert words in it.made.why
    setattr(it.made.conditions, condition, False)
    it.switch()
    it.wait(MINUTE)
    assert (it.made.status, it.made.why) == (Status.COMPLETED, "")


def test_green_must_replicate_and_be_no_further_behind_than_the_timeout():
    it = Setting()
    it.green.stop()
    it.switch()
    assert "does not replicate" in it.made.why
    it.wait(31 * SECOND)
    it.green.resume()
    it.switch(timeout="30s")
    assert "lags" in it.made.why


def test_replication_that_breaks_during_a_switchover_rolls_it_back():
    it = Setting()
    it.green.run_at(0)
    it.wait(40 * SECOND)
    it.green.run_at(1)
    it.switch(timeout="5m")
    it.wait(10 * SECOND)
    it.green.stop()
    it.wait(5 * MINUTE)
    assert (it.made.status, it.made.primary, it.made.writable) == (Status.FAILED, Slot.BLUE, True)
    assert it.made.names[Slot.BLUE] == "db"


def test_green_promoted_by_hand_makes_the_configuration_invalid():
    it = Setting()
    it.green.promote()
    assert it.made.status is Status.INVALID
    with pytest.raises(ValueError, match="INVALID_CONFIGURATION"):
        it.switch()


def test_a_deployment_is_not_deleted_during_its_switchover_nor_green_after_it():
    it = Setting()
    it.switch()
    with pytest.raises(ValueError, match="during"):
        it.made.delete()
    it.wait(MINUTE)
    with pytest.raises(ValueError, match="production"):
        it.made.delete(with_target=True)
    it.made.delete()
    assert it.made.status is Status.DELETING


def test_a_deployment_that_is_deleted_early_never_becomes_available():
    it = Setting(minutes=1)
    it.made.delete(with_target=True)
    it.wait(60 * MINUTE)
    assert it.made.status is Status.DELETING


@pytest.mark.parametrize(("timeout", "fine"), [("29s", False), ("30s", True), ("3600s", True), ("3601s", False)])
def test_the_timeout_has_the_guides_bounds(timeout, fine):
    if fine:
        assert SwitchoverSpec(timeout=timeout)
    else:
        with pytest.raises(ValidationError):
            SwitchoverSpec(timeout=timeout)


def test_the_default_timeout_is_five_minutes():
    assert SwitchoverSpec().timeout.total_seconds() == 300
