"""Exploration: what it tries, what it finds, and that what it finds can be replayed."""

from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from click import BadParameter
from click.testing import CliRunner

from bluegreen.cli import Exit
from bluegreen.errors import UserError
from sim.cli.explore import explore as command
from sim.explore import MODES, Budget, Case, explore
from sim.explore.baseline import baseline
from sim.explore.corpus import LONGEST, merge, replay, stem
from sim.explore.every import Following
from sim.explore.findings import Finding
from sim.explore.modes import Space, all_kinds
from sim.explore.outcome import Failure, outcome_of
from sim.explore.swarm import drawn
from sim.faults.drawing import draw_kind
from sim.reached import marks
from sim.rehearsal import rehearse
from sim.scenario import load_scenario
from sim.tiers import Tier
from tests.explore.conftest import short, short_of
from tests.explore.planted import credulous, dividing

METRICS = ("metric_gap", "metric_delay", "api_throttle")
TEN = Budget(runs=10)
ONE_JOB = ("--jobs", "1", "--reports")


def space(material):
    return Space(material, baseline(material), all_kinds())


# -- what is tried ------------------------------------------------------------------------------------------------


def test_a_seed_is_one_case_and_another_seed_another():
    cases = [drawn(seed, all_kinds(), timedelta(hours=2)) for seed in range(60)]
    assert cases == [drawn(seed, all_kinds(), timedelta(hours=2)) for seed in range(60)]
    assert len({repr(case.faults) for case in cases}) > 50


def test_every_kind_of_fault_is_drawn_within_three_hundred_seeds():
    cases = [drawn(seed, all_kinds(), timedelta(hours=2)) for seed in range(300)]
    assert {fault.kind for case in cases for fault in case.faults} == set(all_kinds())


def test_single_faults_meet_every_phase_and_share_of_the_rollout(material):
    cases = list(MODES["single"](space(material)))
    gaps = [case.faults[0] for case in cases if case.faults[0].kind == "metric_gap"]
    assert {str(fault.phase) for fault in gaps if fault.phase} >= {"provision", "shift", "hold", "bake", "drain"}
    assert {fault.share for fault in gaps if fault.share} == {0.5, 1.0}
    assert {case.faults[0].kind for case in cases} == set(all_kinds()) - {"api_once"}


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_gives_the_same_cases_again(mode, material):
    here = space(material)
    assert list(islice(MODES[mode](here), 40)) == list(islice(MODES[mode](here), 40))


def test_calls_are_interrupted_in_each_way_and_must_come_to_the_same_end(material):
    here = space(material)
    cases = list(MODES["calls"](here))
    assert len(cases) == 5 * len(here.baseline.calls)
    assert {case.demands for case in cases} == {here.baseline.end}


# -- what is found ------------------------------------------------------------------------------------------------


def test_a_sound_engine_gives_no_finding_and_says_what_it_reached(material):
    found = explore(material, TEN)
    assert (found.findings, found.runs, found.stopped) == ((), 10, "runs")
    assert tuple(found.reached) == marks() and any(found.reached.values())


def test_an_engine_that_is_wrong_even_undisturbed_is_found_at_once():
    found = explore(short(plant=dividing), TEN)
    [finding] = found.findings
    assert finding.failure.what.startswith("ZeroDivisionError in")
    assert (found.runs, found.stopped, finding.case) == (1, "undisturbed", Case(1))


def test_a_wrong_engine_is_found_shrunk_and_its_first_difference_shown():
    found = explore(short(plant=credulous), Budget(runs=60, failures=1), kinds=METRICS)
    [finding] = found.findings
    assert finding.failure.what == "no step up without passing gates"
    assert found.stopped == "failures"
    assert len(finding.case.faults) == 1 <= len(finding.first.faults)
    assert finding.difference is not None and "without" in str(finding.difference)
    assert outcome_of(short(plant=credulous), finding.case).failure == finding.failure
    assert outcome_of(short(), finding.case).failure is None


def test_time_ends_an_exploration_and_so_does_a_person(material):
    assert explore(material, Budget(time=timedelta(0))).stopped == "time"

    def impatient(so_far):
        if so_far.runs == 3:
            raise KeyboardInterrupt

    stopped = explore(material, TEN, on_progress=impatient)
    assert (stopped.runs, stopped.stopped) == (3, "interrupted")


def test_who_interrupts_the_shrinking_of_a_failure_gets_it_as_it_is(monkeypatch):
    def interrupted(case, fails):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.explore.search.shrunk", interrupted)
    found = explore(short(plant=credulous), Budget(runs=60), kinds=METRICS)
    [finding] = found.findings
    assert found.stopped == "interrupted" and found.failed == 1
    assert finding.case == finding.first and finding.failure.what == "no step up without passing gates"


# -- what is kept -------------------------------------------------------------------------------------------------


def test_a_finding_becomes_a_scenario_file_that_shows_it_again_and_the_shortest_one_stays(tmp_path):
    broken = short(plant=credulous)
    found = explore(broken, Budget(runs=60, failures=1), kinds=METRICS)
    [kept] = merge(broken, found.findings, tmp_path)
    assert not kept.old and "first difference" in load_scenario(kept.path).about.lower()
    text = kept.path.read_text()
    assert (
        text.startswith("# no step up without passing gates: ")
        and replay(kept.path, memory=True).split()[-1] == "memory"
    )
    with credulous():
        again = rehearse(kept.path, None, load_scenario(kept.path).seed, tier=Tier.MEMORY)
    assert again.run.broken[0].invariant == "no step up without passing gates"

    [finding] = found.findings
    longer = replace(finding, case=replace(finding.case, seed=finding.case.seed + 1))
    assert merge(broken, (longer,), tmp_path)[0].old and kept.path.read_text() == text
    with credulous():
        heavier = next(s for s in range(1000, 2000) if rehearse(kept.path, None, s, tier=Tier.MEMORY).run.broken)
    kept.path.write_text(text.replace("seed", "# seed") + f"seed: {heavier}\n")
    [again] = merge(broken, (finding,), tmp_path)
    assert (again.old, again.path) == (False, kept.path) and kept.path.read_text() == text


def test_what_was_mended_and_what_another_rollout_failed_of_keep_their_files(tmp_path):
    broken = short(plant=credulous)
    [finding] = explore(broken, Budget(runs=60, failures=1), kinds=METRICS).findings
    [kept] = merge(broken, (finding,), tmp_path)
    text = kept.path.read_text()
    longer = replace(finding, case=replace(finding.case, seed=finding.case.seed + 1))

    [elsewhere] = merge(short_of({"bake": "3m"}, plant=credulous), (finding,), tmp_path)
    [later] = merge(short(), (longer,), tmp_path)  # the engine that does not fail any more in that way
    assert not elsewhere.old and not later.old
    assert len({kept.path, elsewhere.path, later.path}) == 3 and kept.path.read_text() == text
    assert later.path.name.startswith(kept.path.name.partition(".")[0])


def test_causes_whose_names_begin_alike_have_files_of_their_own():
    faults = [draw_kind(Following(()), kind) for kind in ("operator_scale_in", "operator_says", "operator_weights")]
    failure = Failure("all traffic ends on one healthy slot", "x")
    found = [Finding(failure, case, case) for case in (Case(1, tuple(faults)), Case(1, (*faults, faults[-1])))]
    assert len({stem(finding) for finding in found}) == 2
    assert {stem(finding) for finding in found} == {stem(replace(finding, times=9)) for finding in found}
    assert all(len(stem(finding)) <= LONGEST for finding in found)


def test_the_command_tells_writes_a_page_and_ends_with_zero_when_nothing_was_found(tmp_path):
    out = CliRunner().invoke(command, ["--runs", "3", *ONE_JOB, str(tmp_path / "out")], standalone_mode=False)
    assert out.return_value == Exit.AS_EXPECTED, out.output
    assert "3 runs" in out.output and "ended by: runs" in out.output
    page = (tmp_path / "out" / "index.html").read_text()
    assert "Nothing was found" in page and "<script" not in page and "://" not in page


@pytest.mark.slow
def test_the_command_ends_with_two_when_an_invariant_broke_and_links_a_report(tmp_path):
    with credulous():
        out = CliRunner().invoke(
            command,
            ["--runs", "40", "--stop-after-failures", "1", "--faults", ",".join(METRICS), *ONE_JOB, str(tmp_path)],
            standalone_mode=False,
        )
    assert out.return_value == Exit.INVARIANT_BROKEN, out.output
    assert "✗ no step up without passing gates" in out.output and "on the moto tier the same" in out.output
    [scenario] = tmp_path.glob("*.scenario.yaml")
    report = tmp_path / (scenario.name.partition(".")[0] + ".html")
    assert report.is_file() and f'href="{report.name}"' in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--faults", "metric_gup"], "no kind 'metric_gup'; possible are"),
        (["--for", "5"], "'5' is not a length of time"),
    ],
)
def test_a_users_mistake_is_told_with_what_was_possible(arguments, words, tmp_path):
    out = CliRunner().invoke(command, [*arguments, "--reports", str(tmp_path)], standalone_mode=False)
    assert isinstance(out.exception, UserError | BadParameter) and words in str(out.exception)
