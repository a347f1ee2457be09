"""The locust check and gate: what figures mean to the engine, and real runs against real servers."""

import json
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.checks.limits import Figures, Generator, LoadRun
from bluegreen.checks.locust import Locust
from bluegreen.cli import main
from bluegreen.errors import UserError
from bluegreen.gates.locust import Locust as Gate
from bluegreen.outside import locustfiles
from bluegreen.outside.load import command, judge
from bluegreen.outside.locustfiles import SHIPPED, locust_file, need_locust
from bluegreen.outside.processes import Outcome
from bluegreen.outside.runner import Runner
from bluegreen.plan import load_plan
from tests.loadtests.places import Shop
from tests.preview.files import written

from .waiting import until

DONE = Outcome(0, late=False, error="", last="")
CHECK = Locust.model_validate(
    {"kind": "locust", "file": "users.py", "users": 10, "lasts": "2m", "failures_below": "1%", "p95_below": "800ms"}
)
LOST = Generator(problems=("1 of 2 workers were lost",))


def judged(tmp_path, *figures, p95=100.0, generator=None, outcome=DONE, check=CHECK):
    run = LoadRun(Figures(*figures, {"p95": p95}), generator or Generator())
    (tmp_path / "load.verdict.json").write_text(json.dumps({"outcome": "its own", **asdict(run)}))
    return judge(check, outcome, tmp_path / "load")


@pytest.mark.parametrize(
    ("figures", "more", "state", "said"),
    [
        ((6000, 10, 50.0), {}, "passed", "6000 requests, 50/s, 0.1667% failed"),
        ((6000, 60, 50.0), {}, "failed", "6000 requests, 50/s, 1% failed; failed requests 1%, limit 1%"),
        ((6000, 0, 50.0), {"p95": 800.0}, "failed", "p95 800ms, limit 800ms"),
        ((99, 0, 50.0), {}, "unknown", "100 are needed to say anything"),
        ((6000, 0, 50.0), {"generator": LOST}, "unknown", "1 of 2 workers were lost"),
        ((6000, 600, 50.0), {"generator": LOST}, "failed", "limit 1%"),
        ((6000, 0, 50.0, None, 9000), {}, "unknown", "reached load 66.67%, limit 90%"),
    ],
)
def test_the_engine_judges_the_figures_by_its_own_limits(tmp_path, figures, more, state, said):
    if len(figures) > 3:
        run = LoadRun(Figures(*figures[:3], {"p95": 1.0}, figures[4]))
        (tmp_path / "load.verdict.json").write_text(json.dumps(asdict(run)))
        view = judge(CHECK, DONE, tmp_path / "load")
    else:
        view = judged(tmp_path, *figures, **more)
    assert view.state == state and said in view.detail


def test_a_load_that_was_not_reached_says_nothing_good_but_still_something_bad(tmp_path):
    check = CHECK.model_copy(update={"rate_at_least": 100.0})
    assert judged(tmp_path, 6000, 0, 50.0, check=check).state == "unknown"
    assert judged(tmp_path, 6000, 600, 50.0, check=check).state == "failed"
    assert judged(tmp_path, 6000, 0, 50.0, p95=900.0, check=check).state == "failed"


ENDS = [Outcome(-15, late=False, error="", last="x"), Outcome(None, late=True, error="", last="")]


@pytest.mark.parametrize("outcome", [*ENDS, Outcome(None, late=False, error="no locust", last="")])
def test_a_run_that_did_not_end_by_itself_says_nothing(tmp_path, outcome):
    assert judged(tmp_path, 6000, 0, 50.0, outcome=outcome).state == "unknown"


def test_without_figures_it_says_nothing(tmp_path):
    assert judge(CHECK, DONE, tmp_path / "nothing").detail.startswith("locust left no figures")
    (tmp_path / "load.verdict.json").write_text("{}")
    assert judge(CHECK, DONE, tmp_path / "load").state == "unknown"


def test_its_command_line_has_all_that_the_file_says(tmp_path):
    check = CHECK.model_copy(update={"arguments": ("--tags", "checkout"), "lasts": timedelta(minutes=2)})
    line = " ".join(command(check, "http://green.elb", tmp_path / "load"))
    for part in ("--users 10", "--spawn-rate 1", "--run-time 120s", "--host http://green.elb", "--tags checkout"):
        assert part in line
    assert "--failures-below 1% --p95-below 800ms" in line and "users.py," in line and "judged.py" in line


def test_a_team_s_file_comes_before_ours_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loadtests").mkdir()
    steady = tmp_path / "loadtests/steady.py"
    assert locust_file(steady.relative_to(tmp_path)) == SHIPPED / "steady.py"
    steady.write_text("")
    assert locust_file(steady.relative_to(tmp_path)) == steady
    assert locust_file(tmp_path / "none.py") == tmp_path / "none.py"


# -- before anything is done ------------------------------------------------------------------------------------------


def asking(tmp_path, file):
    check = f"verify: {{checks: [{{kind: locust, file: {file}, users: 5}}]}}"
    return written(tmp_path, ("", check))


def test_without_locust_nothing_is_begun_and_the_remedy_is_told(tmp_path, monkeypatch):
    path = asking(tmp_path, "loadtests/steady.py")
    need_locust(load_plan(path))
    monkeypatch.setattr(locustfiles, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"locust is not installed here; pip install 'bluegreen-rehearsal\[stage\]'"):
        need_locust(load_plan(path))


def test_a_locust_file_that_is_not_there_is_told_before_the_rollout_and_beside_its_plan(tmp_path, capsys):
    path = asking(tmp_path, "shop.py")
    with pytest.raises(SystemExit) as ended:
        main(["deploy", str(path)])
    assert ended.value.code == 4 and "locust: there is no locust file shop.py" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["plan", str(path)])
    assert ended.value.code == 0 and "from here it cannot be deployed: locust: there is no" in capsys.readouterr().err


# -- real runs --------------------------------------------------------------------------------------------------------


def load(**more):
    given = {"file": "loadtests/smoke.py", "users": 5, "spawn_rate": 5, "lasts": "3s", "timeout": "2m"}
    lenient = {"reached_at_least": "1%", "requests_at_least": 20, "arguments": ["--pace", "20"]}
    return {**given, **lenient, **more}


def over(runner, run):
    until(lambda: runner.look(run).state != "running", 90)
    return runner.look(run)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shop_is", "more", "state", "said"),
    [
        ({}, {}, "passed", "0% failed"),
        ({"status": 500}, {}, "failed", "100% failed; failed requests 100%, limit 1%"),
        ({"wait": 0.2}, {"p50_below": "100ms"}, "failed", "p50 "),
        ({}, {"requests_at_least": 10_000}, "unknown", "10000 are needed to say anything"),
    ],
)
def test_the_check_finds_what_is_there(tmp_path, shop_is, more, state, said):
    with Shop() as shop:
        vars(shop).update(shop_is)
        urls = {"BLUEGREEN_CANDIDATE_URL": f"http://127.0.0.1:{shop.port}"}
        with closing(Runner(tmp_path / "checks", lambda: urls)) as runner:
            runner.begin("verify/locust", Locust.model_validate({"kind": "locust", **load(**more)}), {})
            view = over(runner, "verify/locust")
        asked = len(shop.asked)
    assert view.state == state and said in view.detail, view.detail
    assert view.detail.startswith(f"{asked} requests"), "every one of them is evidence"
    assert (tmp_path / "checks/verify-locust.html").exists()


@pytest.mark.slow
def test_the_figures_of_a_run_that_was_cut_off_are_not_taken_for_those_of_the_next(tmp_path):
    judged(tmp_path, 6000, 0, 50.0)
    (tmp_path / "load.verdict.json").rename(tmp_path / "verify-locust.verdict.json")
    (tmp_path / "broken.py").write_text("1 / 0")
    with closing(Runner(tmp_path, lambda: {"BLUEGREEN_CANDIDATE_URL": "http://127.0.0.1:9"})) as runner:
        given = load(file=tmp_path / "broken.py")
        runner.begin("verify/locust", Locust.model_validate({"kind": "locust", **given}), {})
        view = over(runner, "verify/locust")
    assert view.state == "unknown" and "ZeroDivisionError" in view.detail


@pytest.mark.slow
def test_the_gate_runs_again_and_stopping_it_leaves_nothing_behind(tmp_path):
    check = Gate.model_validate(
        {"kind": "locust", "load": load(lasts="30m", timeout="1h", arguments=["--processes", "2"])}
    ).check()
    with Shop() as shop:
        urls = {"BLUEGREEN_CANDIDATE_URL": f"http://127.0.0.1:{shop.port}"}
        with closing(Runner(tmp_path / "checks", lambda: urls)) as runner:
            runner.begin("gate/locust#1", check, {})
            until(lambda: shop.asked, 60)
            assert runner.look("gate/locust#1").state == "running" and len(locusts_at(shop)) >= 3
            runner.stop("gate/locust#1")
            assert runner.look("gate/locust#1").state == "absent"
        until(lambda: not locusts_at(shop), 60)


ENGINE = """
import sys, time
from pathlib import Path
from bluegreen.checks.locust import Locust
from bluegreen.outside.runner import Runner
file, host, folder = sys.argv[1:]
check = Locust(name="x", file=Path(file), users=4, spawn_rate=4, lasts="30m", timeout="1h", host=host,
               arguments=("--processes", "2"))
runner = Runner(Path(folder), dict)
runner.begin("verify/x", check, {})
time.sleep(300)
"""


@pytest.mark.slow
def test_the_death_of_the_engine_ends_locust_and_its_workers(tmp_path):
    with Shop() as shop:
        host = f"http://127.0.0.1:{shop.port}"
        line = [sys.executable, "-c", ENGINE, str(SHIPPED / "steady.py"), host, str(tmp_path)]
        engine = subprocess.Popen(line)
        try:
            until(lambda: shop.asked, 60)
            assert len(locusts_at(shop)) >= 3, "a master and two workers"
        finally:
            engine.kill()
            engine.wait()
        until(lambda: not locusts_at(shop), 60)


def locusts_at(shop):
    """The processes whose command line names the shop's port."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = process.read_bytes().split(b"\0")
            if b"locust" in words and f"http://127.0.0.1:{shop.port}".encode() in words:
                found.append(process)
    return found
