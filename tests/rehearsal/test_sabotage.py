"""Engines broken on purpose are caught: by an invariant, by an assertion, or by a missed expectation."""

from dataclasses import replace
from pathlib import Path

import pytest

from bluegreen.data.base import Back, Said
from bluegreen.data.replica import Replica
from bluegreen.data.sync import Sync
from bluegreen.decide import drain, moves, retire, rollback, rules, scale, shift
from bluegreen.decide.prewarm import Warmth
from bluegreen.decide.watch import Watch
from bluegreen.journal.heard import Heard
from bluegreen.model import End, Phase, RemoveEnvironment, SetCapacity, Slot
from power import page
from sim.invariants import names
from sim.rehearsal import rehearse
from sim.scenario import built_in


def broken(scenario):
    done = rehearse(built_in()[scenario], None, seed=1)
    return {broken.invariant for broken in done.run.broken}


def test_skipping_the_drain_is_caught(monkeypatch):
    def no_drain(plan, rollout, seen):
        return moves.go(rollout, seen, Phase.RETIRE, "who needs a drain")

    monkeypatch.setitem(rules.PHASES, Phase.DRAIN, no_drain)
    assert "no slot removed while used" in broken("all-well")


def test_calling_a_used_slot_quiet_is_caught(monkeypatch):
    monkeypatch.setattr(drain, "_used", lambda plan, seen, leaving, minutes: "")
    assert "no slot removed while used" in broken("stubborn-clients")


def test_removing_the_only_slot_that_can_serve_is_caught(monkeypatch):
    monkeypatch.setattr(retire, "needed_still", lambda rollout, seen: "")
    assert "the only healthy slot is kept" in broken("blue-dies-before-the-shift")


def test_ignoring_unknown_is_caught(monkeypatch):
    monkeypatch.setattr(Watch, "unknown", "")
    assert "no step up without passing gates" in broken("metrics-vanish")


def test_ignoring_fail_is_caught(monkeypatch):
    monkeypatch.setattr(Watch, "failed", "")
    assert "trouble seen means going back" in broken("errors-at-30")


def test_rolling_back_to_zero_and_zero_is_caught(monkeypatch):
    monkeypatch.setattr(rollback, "weights_for", lambda live, share, finest: {Slot.BLUE: 0, Slot.GREEN: 0})
    with pytest.raises(AssertionError, match="all weights zero"):
        broken("errors-at-30")


def test_rolling_back_to_zero_and_zero_past_the_adapter_is_caught_too(monkeypatch):
    from bluegreen.aws.traffic.route53 import Route53

    original = Route53.set

    def any_weights(self, weights):
        # the adapter's own assertion is gone as well: the records get zero and zero
        asked = {slot: max(weight, 1) for slot, weight in weights.items()} if not any(weights.values()) else weights
        if asked is not weights:
            listing = self.listing()
            records = [{**self._record(slot, 0, listing), "Weight": 0} for slot in weights]
            changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
            self._submit(changes, weights)
            return
        original(self, weights)

    monkeypatch.setattr(Route53, "set", any_weights)
    monkeypatch.setattr(rollback, "weights_for", lambda live, share, finest: {Slot.BLUE: 0, Slot.GREEN: 0})
    assert "never all weights zero" in broken("errors-at-30")


def test_raising_the_weight_before_the_capacity_is_caught(monkeypatch):
    monkeypatch.setattr(scale, "needed", lambda plan, rollout, share: 1)
    monkeypatch.setattr(shift, "needed", lambda plan, rollout, share: 1)
    assert "no weight beyond capacity" in broken("all-well")


def test_forgetting_the_journal_is_caught(monkeypatch):
    original = Heard.append

    def forgetful(self, entry):
        if len(self.entries()) < 20:
            original(self, entry)

    monkeypatch.setattr(Heard, "append", forgetful)
    assert "the journal tells where the rollout is" in broken("all-well")


def test_forgetting_to_hold_the_live_slots_scale_in_is_caught(monkeypatch):
    monkeypatch.setattr(scale, "_holds", lambda rollout, seen: ())
    assert "no slot shrunk below what it may need" in broken("all-well")


def test_removing_what_the_rollout_did_not_make_is_caught(monkeypatch):
    def wrong_way(plan, rollout, seen):
        return moves.stay(rollout, "clean up", RemoveEnvironment(rollout.live))

    monkeypatch.setitem(rules.PHASES, Phase.RETIRE, wrong_way)
    assert "only what the rollout made is removed" in broken("errors-at-30")


def test_sending_users_to_a_slot_that_is_seen_dead_is_caught(monkeypatch):
    def hasty(plan, rollout, seen):
        return moves.go(rollout, seen, Phase.SCALE, "who needs to verify")

    monkeypatch.setitem(rules.PHASES, Phase.VERIFY, hasty)
    monkeypatch.setattr(scale, "needed", lambda plan, rollout, share: 0)
    monkeypatch.setattr(shift, "needed", lambda plan, rollout, share: 0)
    monkeypatch.setattr(shift, "unwell", lambda rollout, seen: "")
    assert "no weight for a slot seen unhealthy" in broken("boot-failure")


def test_skipping_a_phase_is_caught(monkeypatch):
    def hasty(plan, rollout, seen):
        return moves.go(replace(rollout, leaving=rollout.live), seen, Phase.RETIRE, "who needs to bake and drain")

    monkeypatch.setitem(rules.PHASES, Phase.BAKE, hasty)
    assert "phases follow each other" in broken("all-well")


def test_leaving_the_candidate_behind_is_caught(monkeypatch):
    def lazy(plan, rollout, seen):
        return moves.gone_back(rollout, seen, "good enough")

    monkeypatch.setitem(rules.PHASES, Phase.RETIRE, lazy)
    assert "nothing is left over" in broken("errors-at-30")


def test_calling_a_rollback_done_that_moved_nothing_is_caught(monkeypatch):
    def lazy(plan, rollout, seen):
        return moves.gone_back(rollout, seen, "good enough")

    monkeypatch.setitem(rules.PHASES, Phase.ROLLBACK, lazy)
    assert "all traffic ends on one healthy slot" in broken("errors-at-30")


def test_acting_with_the_last_decision_is_caught(monkeypatch):
    def restless(plan, rollout, seen):
        end = moves.finish(rollout, seen, End.NEEDS_OPERATOR, "enough")
        return replace(end, actions=(SetCapacity(rollout.candidate, 9),))

    monkeypatch.setitem(rules.PHASES, Phase.VERIFY, restless)
    assert "no action after the end" in broken("all-well")


def test_leaving_the_losers_record_behind_is_caught(monkeypatch):
    def lazy(plan, rollout, seen):
        return moves.finish(rollout, seen, End.SUCCEEDED, "its weight is zero")

    monkeypatch.setitem(rules.PHASES, Phase.RETIRE, lazy)
    assert "no record is left of the slot that lost" in broken("all-well")


def test_forgetting_that_scaling_in_is_held_is_caught(monkeypatch):
    def forgetful(plan, rollout, seen):
        views = {slot: replace(view, scale_in_held=False, hold_left=False) for slot, view in seen.environments.items()}
        return retire.retire(plan, rollout, replace(seen, environments=views))

    monkeypatch.setitem(rules.PHASES, Phase.RETIRE, forgetful)
    assert "scaling in is given back" in broken("all-well")


def test_forgetting_what_was_reserved_is_caught(monkeypatch):
    def forgetful(plan, rollout, seen, removed):
        return Warmth(replace(rollout, reserved={}))

    monkeypatch.setattr(retire, "give_back", forgetful)
    assert "reserved capacity is given back" in broken("prewarmed-balancer")


def test_leaving_its_health_checks_behind_is_caught(monkeypatch):
    monkeypatch.setattr(retire, "tidied", lambda plan, rollout, seen: None)
    assert "every health check has its record" in broken("both-broken-with-cname-records")


def test_contracting_under_a_user_is_caught(monkeypatch):
    monkeypatch.setattr(drain, "_used", lambda plan, seen, leaving, minutes: "")
    assert "contracted only when nobody reaches old code" in broken("contract-waits-for-a-hidden-user")


def test_promoting_whatever_the_lag_is_caught(monkeypatch):
    monkeypatch.setattr(Replica, "_missing", lambda self, view, case: "")
    assert "promoted only with all writes" in broken("replica-stopped")


def test_going_back_without_the_writes_is_caught(monkeypatch):
    monkeypatch.setattr(Replica, "way_back", lambda self, rollout, view: Back())
    found = broken("back-after-a-promotion-refused")
    assert {"no acknowledged write is lost", "the history of tracked keys is sound"} <= found


def test_stepping_on_while_nobody_copies_is_caught(monkeypatch):
    monkeypatch.setattr(Sync, "judge", lambda self, task, case: Said("passed", "who needs to know"))
    assert "no step while the stores are apart" in broken("stream-consumer-down-for-hours")


def test_going_back_over_what_only_one_store_has_is_caught(monkeypatch):
    monkeypatch.setattr(Sync, "way_back", lambda self, rollout, view: Back())
    assert "writes of one store are given up by a person" in broken("dual-write-fails-on-one-side")


def test_no_invariant_is_left_without_an_engine_that_breaks_it():
    """Here or among the planted bugs."""
    text = Path(__file__).read_text() + "".join(f'"{what}"' for _, what, _ in page.rows())
    assert [name for name in names() if f'"{name}"' not in text] == []
