"""What a team's own commands made is known beside the journal, in whatever folder the next engine is started."""

import time
from pathlib import Path

import boto3
import pytest

from bluegreen.checks.command import CommandCheck
from bluegreen.cli._live import Account, Work, engine_on
from bluegreen.cli._open import Opening
from bluegreen.cli._opened import opened_here
from bluegreen.cli._where import found_by
from bluegreen.clock import SystemClock
from bluegreen.control.kept import KeptHere
from bluegreen.control.signals import Signals
from bluegreen.journal.entries import Started
from bluegreen.lease.place import VARIABLE, lock_of
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.plan import load_plan

from .test_making import SAID, script

ROLLOUT = "shop-20300101-000000"
TEXT = """
service: {{name: shop, zone: example.com, record: www.example.com}}
live: {{balancer: shop-blue, group: shop-blue}}
candidate: {{command: {{create: "{create}", remove: "{create}"}}}}
strategy: {{kind: all_at_once, hold: 5m}}
gates: [{{kind: threshold, measure: error_rate, below: 1%}}]
guard: {{accounts: ["123456789012"], regions: [us-east-1]}}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A rollout file whose command counts how often it was asked, on a machine of its own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "state"))
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
    create = script(tmp_path, "create", f"open({str(tmp_path / 'asked')!r}, 'a').write('x'); print(json.dumps({SAID}))")
    monkeypatch.setattr("bluegreen.aws.wiring._urls", lambda places, plan: {})  # nothing asks AWS
    path = tmp_path / "one/shop.rollout.yaml"
    path.write_text(TEXT.format(create=create))
    return path


class Engine:
    """One engine of the rollout, as `deploy` and `resume` put it together."""

    def __init__(self, file, journal):
        plan, self._file, self._journal = load_plan(file), file, journal
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
        self._work = Work(Account(session, "123456789012", "us-east-1"), plan, ROLLOUT, file, Opening())

    def __enter__(self):
        self._opened = opened_here(lock_of("shop", "123456789012", "us-east-1"), ROLLOUT, self._journal)
        opened = self._opened.__enter__()
        if not opened.journal.entries():
            now = SystemClock().now()
            start = Rollout(ROLLOUT, Slot.BLUE, Phase.PROVISION, now, now)
            opened.journal.append(Started(now, self._work.plan.hash, start, by="ann"))
        self._signals = Signals("leave", SystemClock())
        return engine_on(self._work, opened, self._signals.__enter__(), []).ports

    def __exit__(self, *error):
        self._signals.__exit__(*error)
        self._opened.__exit__(*error)


def until(what):
    for _ in range(500):
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_the_next_engine_in_another_folder_knows_what_was_made_and_asks_no_command_again(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "one")
    with Engine(file, Path(f".bluegreen/{ROLLOUT}.journal.jsonl")) as ports:
        making = ports.environments.ways[Slot.GREEN]._making
        making.create()
        assert until(lambda: making.standing().outputs) == SAID
        ports.checks.begin("own", CommandCheck(run=["true"]), {})
        assert until(lambda: ports.checks.look("own").state != "running")
    monkeypatch.chdir(tmp_path / "other")
    found = found_by(file, None, ROLLOUT).kept
    assert isinstance(found, KeptHere)
    with Engine(file, found.path) as ports:
        making = ports.environments.ways[Slot.GREEN]._making
        assert making.standing().outputs == SAID
        making.create()
    assert (tmp_path / "asked").read_text() == "x"
    assert list((tmp_path / "other").iterdir()) == []
    assert {kept.name for kept in (tmp_path / "one/.bluegreen").iterdir()} >= {
        f"{ROLLOUT}.candidate",
        f"{ROLLOUT}.checks",
    }
