"""Planted bugs are really planted, are gone afterwards, and are found."""

from contextlib import nullcontext

import pytest

from power import page
from power.bug import about, bug, names
from power.probes import probes
from power.search import Spent, look, search

LISTED = {name: (what, where) for name, what, where in page.rows()}


def on_step(now, rollout):
    """There is time."""


def probe_named(name):
    return next(probe for probe in probes() if probe.name == name)


@pytest.mark.parametrize("name", names())
def test_what_a_bug_replaces_exists_and_is_back_after_the_block(name):
    planted = bug(name)
    right = vars(planted.owner)[planted.name]
    with planted.planted():
        assert vars(planted.owner)[planted.name] is not right
    assert vars(planted.owner)[planted.name] is right


@pytest.mark.parametrize("name", names())
def test_a_bug_says_what_is_wrong_and_where_that_was_seen(name):
    mistake, empty, *source = about(name).splitlines()
    assert mistake and not empty and source


def test_the_engine_has_the_wrong_function_under_every_name_it_knows_it_by():
    from bluegreen.decide import hold, moved, rollback, rules
    from bluegreen.model import Phase
    from sim.invariants import watches

    right = moved.realised, hold.followed
    with bug("takes-insync-for-moved").planted():
        assert hold.followed is moved.followed is not right[1]
        assert watches.realised is moved.realised is right[0]
    with bug("rollback-waits-for-a-gate").planted():
        assert rules.PHASES[Phase.ROLLBACK] is rollback.rollback is rules.rollback


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTED)
def test_the_run_that_the_page_names_finds_the_bug_and_reaches_it(name):
    what, where = LISTED[name]
    planted = bug(name)
    with planted.planted():
        failure = probe_named(where).run(on_step)
    assert failure is not None and failure.what == what
    assert planted.reached


def test_the_page_lists_every_bug_and_all_are_found():
    """If not: `make power`, and read what has changed."""
    assert sorted(LISTED) == names()
    assert "**missed**" not in page.DOCS.read_text()
    assert len(LISTED) >= 25


@pytest.mark.slow
@pytest.mark.parametrize("name", ["promotes-on-unknown", "acts-before-it-writes", "bakes-for-a-moment"])
def test_a_search_that_knows_nothing_of_the_bug_finds_it(name):
    assert look(name).failure is not None


def test_a_search_ends_when_its_time_is_up_also_in_the_midst_of_a_run():
    from power.probes import Probe

    def endless(on_step):
        while True:
            on_step(None, None)

    found = search(nullcontext(), [Probe("endless", endless)], budget=0.05)
    assert found.failure is None and found.seconds >= 0.05
    assert not issubclass(Spent, Exception), "what an engine raises is a finding; this is none"


def test_the_engine_as_it_is_gives_no_finding_in_the_runs_that_found_most():
    where = sorted({where for _, where in LISTED.values() if where.endswith(", memory")})[:12]
    assert [probe_named(name).run(on_step) for name in where] == [None] * len(where)


def test_the_page_tells_of_mutants_what_the_last_run_of_them_gave(monkeypatch, tmp_path):
    copy = tmp_path / "power.md"
    copy.write_text(page.DOCS.read_text())
    monkeypatch.setattr(page, "DOCS", copy)
    before = copy.read_text()
    page.write_mutants()
    assert copy.read_text() == before and "## Mutants" in before
