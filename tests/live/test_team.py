"""A team: engines on two machines, played by two processes that share a DynamoDB table on moto's server."""

import json
import signal

import pytest

from bluegreen.aws.session import Api
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.control.kept import shared
from bluegreen.journal.fold import fold
from bluegreen.journal.shared import shared_entries
from bluegreen.model import Phase

from .shop import PATIENCE, command, groups, until
from .test_operate import FILE, LONG, run

pytestmark = pytest.mark.slow

TEAM = LONG + "team: {table: team, lease: 30s}\n"


class Served(Api):
    """Calls to moto's server."""

    def __init__(self, client):
        self.region_name, self._make, self._made = "us-east-1", client, {}

    def _client(self, service):
        return self._made.setdefault(service, self._make(service))


@pytest.fixture
def team(aws, room):
    """The shop, a table, and two machines: folders that know nothing of each other."""
    client, env = aws
    client("dynamodb").create_table(
        TableName="team",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    here, there = room / "here", room / "there"
    for machine in (here, there):
        machine.mkdir()
        (machine / FILE).write_text(TEAM)
    return client, env, here, there, DynamoStore(Served(client), "team")


def phase_of(store):
    known = shared(store, "shop")
    entries = shared_entries(store, known[-1].rollout) if known else ()
    return fold(entries).phase if entries else None


def test_a_missing_table_is_told_with_the_command_that_makes_it(aws, room):
    _, env = aws
    (room / FILE).write_text(TEAM)
    code, said = run(env, room, "deploy", FILE)
    assert code == 4 and "there is no DynamoDB table team" in said and "create-table" in said


def test_a_colleague_sees_and_steers_a_rollout_and_cannot_start_another(team):
    client, env, here, there, store = team
    engine = command(env, here, "deploy", FILE, "--yes")
    until(lambda: phase_of(store) is Phase.VERIFY)
    code, said = run(env, there, "deploy", FILE, "--yes")
    assert code == 6 and "has not ended" in said
    code, said = run(env, there, "resume", FILE, "--wait", "30s")
    assert code == 1 and "whose engine" not in said and "refused: it is not paused" in said
    code, said = run(env, there, "status", FILE)
    assert code == 0 and "verify" in said and f"pid {engine.pid}" in said
    code, said = run(env, there, "abort", FILE, "--why", "enough", "--wait", "30s")
    assert code == 0 and "accepted" in said
    said, _ = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 1, said
    assert groups(client) == ["shop-blue"]
    code, said = run(env, there, "history", FILE)
    assert code == 0 and "aborted" in said
    assert json.loads(run(env, there, "history", FILE, "--json")[1])[0]["end"] == "aborted"


def test_an_engine_that_was_frozen_too_long_loses_the_lease_and_stops_at_once(team):
    client, env, here, there, store = team
    first = command(env, here, "deploy", FILE, "--yes")
    until(lambda: phase_of(store) is Phase.VERIFY)
    first.send_signal(signal.SIGSTOP)
    second = command(env, there, "resume", FILE)
    rollout = shared(store, "shop")[-1].rollout
    until(lambda: any(entry.kind == "resumed" for entry in shared_entries(store, rollout)))
    first.send_signal(signal.SIGCONT)
    said, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 5 and "no longer has the lease" in said and f"pid {second.pid}" in said
    assert run(env, there, "abort", FILE, "--why", "enough")[0] == 0
    said, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1 and "watching for up to 30s whether it is alive" in said
    assert groups(client) == ["shop-blue"]
