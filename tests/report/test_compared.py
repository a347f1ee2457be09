"""Two traces beside each other: what differs, by how much, within which limits; and what is no trace."""

import json
import shutil

import pytest
from click.testing import CliRunner

from bluegreen.cli.compare import compare as command
from bluegreen.errors import UserError
from bluegreen.report.compared.differences import Limits, compare
from bluegreen.report.compared.page import render
from bluegreen.report.compared.side import read_sides
from bluegreen.report.compared.words import as_data, comparison_text
from bluegreen.report.trace import read_trace
from tests.report import golden, synthetic
from tests.report.test_page import CHROMIUM, in_browser, without_scripts


def shifted(seconds, lines):
    """The same rollout, in which everything after its first minute came later."""
    start = golden.START.timestamp()

    def later(line):
        content = json.loads(line)
        if "at" in content:
            at = golden.datetime.fromisoformat(content["at"])
            since = at.timestamp() - start
            content["at"] = golden.at(since + seconds if since > 60 else since)
        return json.dumps(content)

    return [later(line) for line in lines]


def moving(share_at):
    """A rollout to 50 % at 60 s; users' share of green by `share_at(t)`, a sample each 10 s."""

    def sample(t):
        told = json.loads(golden.sample(t, green=share_at(t - 5)))
        return json.dumps({**told, "seconds": 10.0})

    return [
        golden.started(),
        golden.line("header", scenario="tiny", seed=3, live="blue", plan="p", steps=[{"share": 0.5}]),
        golden.decided(60, "shift", "green is ready", green=0, actions=[golden.weights(50)]),
        *[sample(t) for t in range(10, 301, 10)],
        golden.decided(300, "done", "green serves", end="succeeded", green=50),
        golden.line("end", 300, end="succeeded", verdict="as expected", expectations=[]),
    ]


@pytest.fixture
def write(tmp_path):
    def write(name, lines):
        path = tmp_path / f"{name}.trace.jsonl"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def found(comparison, name):
    (difference,) = (d for d in comparison.differences if d.name == name)
    return difference


def both(write, one, other, **limits):
    return compare(read_sides(write("one", one), write("other", other)), Limits(**limits))


@pytest.mark.parametrize("tale", [golden.rolled_back, synthetic.bad, synthetic.deployed])
def test_a_trace_beside_itself_is_the_same_in_everything(tale, write):
    comparison = both(write, tale(), tale(), times=0.0, failed=0.0, same_decisions=True)
    assert comparison.kept and not comparison.one_sided
    assert {d.apart for d in comparison.differences} <= {0.0, None}
    assert not any(d.apart is None for d in comparison.differences if d.values != (None, None))


def test_times_failed_requests_and_the_way_back_are_apart_by_what_was_put_in(write):
    """As told in `golden.rolled_back`: harm from 150 s, the engine turns at 210 s and is done at 450 s; 2,100 fail. The
    other turns and ends 20 s later; of its samples the first that is late covers 50 s instead of 30."""
    comparison = both(write, golden.rolled_back(), shifted(20, golden.rolled_back()))
    assert found(comparison, "to detect").values == (60.0, 60.0)
    assert found(comparison, "to finish").apart == pytest.approx(20)
    assert found(comparison, "to go back").values == (240.0, 240.0)
    assert found(comparison, "failed requests").values[0] == pytest.approx(2100)
    assert {pair.later for pair in comparison.decisions if pair.rows[0].at > 60} == {20.0}


def test_how_soon_users_follow_is_told_by_halves(write):
    """Linear in 100 s: half of them after 50 s. At once after 10 s: half after 10 s, give or take half a sample."""
    slowly = moving(lambda t: min(max((t - 60) / 200, 0.0), 0.5))
    quickly = moving(lambda t: 0.5 if t >= 70 else 0.0)
    comparison = both(write, slowly, quickly)
    followed = found(comparison, "half of the users moved from 0% to 50%")
    assert followed.values[0] == pytest.approx(50, abs=0.1)
    assert followed.values[1] == pytest.approx(10, abs=5)


def test_users_apart_is_the_area_between_the_curves(write):
    """One has half of the users on green from 70 s, the other from 170 s: 50 points for 100 of 300 s."""
    comparison = both(
        write, moving(lambda t: 0.5 if t >= 70 else 0.0), moving(lambda t: 0.5 if t >= 170 else 0.0), share=0.2
    )
    mean = found(comparison, "users on the candidate, apart on average")
    assert mean.apart == pytest.approx(0.5 * 100 / 300, abs=0.002) and mean.kept
    assert found(comparison, "users on the candidate, apart at most").apart == 0.5
    assert not both(write, moving(lambda t: 0.0), moving(lambda t: 0.5), share=0.2).kept


def test_decisions_that_only_one_took_are_told_and_no_others(write):
    more = golden.rolled_back()
    more.insert(3, golden.decided(100, "hold", "watching", green=10))
    comparison = both(write, golden.rolled_back(), more, same_decisions=True)
    (stray,) = comparison.one_sided
    assert stray.stage == "hold 10%" and stray.rows[0] is None and not comparison.kept
    assert [pair.stage for pair in comparison.decisions] == ["shift 10%", "hold 10%", "rollback", "rolled back"]


def test_another_end_is_beyond_the_limit_of_the_same_decisions(write):
    other = [line.replace("rolled back", "needs operator") for line in golden.rolled_back()]
    comparison = both(write, golden.rolled_back(), other, same_decisions=True)
    assert found(comparison, "end").kept is False
    assert comparison_text(comparison).startswith("First: rolled back, second: needs operator")


def test_what_one_of_them_does_not_know_keeps_no_limit(write):
    calm = moving(lambda t: 0.5)
    comparison = both(write, golden.rolled_back(), calm, times=1e9)
    assert found(comparison, "to detect").apart is None and found(comparison, "to detect").kept is False
    assert "cannot be told" in comparison_text(comparison)


def test_unlike_plans_scenarios_and_seeds_are_told(write):
    other = [line.replace('"seed": 3', '"seed": 4').replace('"tiny"', '"huge"') for line in golden.rolled_back()]
    said = comparison_text(both(write, golden.rolled_back(), other))
    assert "Not the same seeds: 3 and 4." in said and "Not the same scenarios: tiny and huge." in said
    assert "Not the same" not in comparison_text(both(write, golden.rolled_back(), golden.rolled_back()))


def test_sides_are_named_by_where_they_come_from(write):
    drilled = [
        line.replace('"scenario": "tiny"', '"scenario": "tiny", "stage": "local"') for line in moving(lambda t: 0)
    ]
    names = [side.name for side in read_sides(write("a", moving(lambda t: 0)), write("b", drilled))]
    assert names == ["rehearsed", "drilled"]
    names = [side.name for side in read_sides(write("a", drilled), write("b", synthetic.deployed()))]
    assert names == ["drilled", "deployed"]


# -- what is no trace --------------------------------------------------------------------------------------------------

FOREIGN = {
    "empty": ([""], "no line of it has a time"),
    "a log of something else": (['{"at": "2026-03-02T09:00:00+00:00", "msg": "hello"}'], "is not a trace"),
    "not JSON": (["time,rate", "1,2"], "line 1 of the trace is not JSON"),
    "times that are none": (['{"kind": "started", "at": "yesterday"}'], "yesterday"),
    "times without a zone": ([golden.started(), '{"kind": "sample", "at": "2026-03-02T09:00:00"}'], "time zone"),
    "nothing decided": ([golden.started()], "nothing was decided"),
    "damaged in the middle": (
        [golden.started(), golden.decided(10, "shift", "x").replace('"step": 0', '"step": "first"')],
        "damaged",
    ),
    "actions that are none": (
        [golden.started(), golden.decided(10, "shift", "x", actions=["weights"])],
        "damaged",
    ),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_no_trace_is_named_with_what_is_wrong(what, write):
    lines, why = FOREIGN[what]
    bad = write("bad", lines)
    with pytest.raises(UserError, match=why) as told:
        read_sides(write("good", golden.rolled_back()), bad)
    assert str(bad) in str(told.value)


def test_a_file_that_is_not_there_or_a_folder_is_named(write, tmp_path):
    for path in (tmp_path / "nothing.jsonl", tmp_path):
        with pytest.raises(UserError, match=f"{path}: this trace cannot be read"):
            read_sides(path, path)


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_trace_that_was_torn_while_it_was_written_can_be_compared(cut, write):
    torn = golden.rolled_back()
    torn[-1] = torn[-1][:cut]
    assert both(write, golden.rolled_back(), torn).decisions


# -- the command and the page --------------------------------------------------------------------------------------


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)


def test_exit_codes_say_whether_limits_were_kept(write, tmp_path):
    one, other = write("one", golden.rolled_back()), write("other", shifted(20, golden.rolled_back()))
    assert run(one, other, "--reports", tmp_path).return_value == 0
    assert run(one, other, "--reports", tmp_path, "--times-within", "30s").return_value == 0
    said = run(one, other, "--reports", tmp_path, "--times-within", "10s")
    assert said.return_value == 1 and "beyond the limit" in said.output
    assert isinstance(run(one, tmp_path / "none", "--reports", tmp_path).exception, UserError)


def test_programs_get_the_same_as_json(write, tmp_path):
    one, other = write("one", golden.rolled_back()), write("other", shifted(20, golden.rolled_back()))
    told = json.loads(run(one, other, "--reports", tmp_path, "--times-within", "10s", "--json").output)
    own = as_data(compare(read_sides(one, other), Limits(times=10.0)))
    assert told == {**json.loads(json.dumps(own)), "page": str(tmp_path / "one-beside-other.html")}
    assert told["kept"] is False and next(d for d in told["differences"] if d["name"] == "to finish")["apart"] == 20


def test_the_page_is_complete_alone_and_the_same_each_time(write):
    comparison = both(write, synthetic.bad(), synthetic.bad())
    page = render(comparison)
    assert render(comparison) == page
    assert "default-src 'none'" in page and "What differs" in page and "Decisions in order" in page
    assert all(pair.stage in page for pair in comparison.decisions)


def test_a_folder_that_cannot_be_written_is_named_with_what_else_is_possible(write, tmp_path):
    one = write("one", golden.rolled_back())
    said = run(one, one, "--reports", one / "below")
    assert isinstance(said.exception, UserError) and "take another folder by --reports" in str(said.exception)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no chromium is installed: the page was not opened in a browser")
def test_a_browser_draws_both_and_complains_of_nothing(write, tmp_path):
    hostile = [line.replace("users", "</script><img src=x onerror=alert(1)>") for line in synthetic.bad()]
    page = tmp_path / "page.html"
    page.write_text(render(both(write, synthetic.bad(), hostile)))
    assert "<img" not in without_scripts(page)
    told = in_browser(page, tmp_path / "profile")
    assert 'class="alive"' in told.stdout and "CONSOLE" not in told.stderr
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)


def test_every_reader_of_traces_is_told_of_a_strange_file(write):
    with pytest.raises(UserError, match="is not a trace"):
        read_trace(write("strange", ['{"at": "2026-03-02T09:00:00+00:00", "kind": "weather"}']))
