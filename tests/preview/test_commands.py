"""`plan`, `lint` and `policy` as a user types them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .files import CLEAN, written

PAGE = Path(__file__).resolve().parents[2] / "docs/preview.md"


# -- plan ---------------------------------------------------------------------------------

DATA = "data: {kind: schema, expand: {run: [./expand.sh, -v]}, contract: {run: [./contract.sh], timeout: 40m}}"


def test_a_plan_with_data_says_what_is_done_to_them_and_from_when_there_is_no_way_back(typed, tmp_path):
    code, out, _ = typed("plan", written(tmp_path, ("", DATA)))
    assert code == 0 and "before anything is made: expand (./expand.sh -v); it hurts neither version" in out
    assert "point of no return: when contract begins; blue's code does not fit the schema then" in out
    told = json.loads(typed("plan", "--json", written(tmp_path, ("", DATA)))[1])
    bare = json.loads(typed("plan", "--json", written(tmp_path))[1])
    assert len(told["data"]) == 3 and bare["data"] == []
    longer = {a["phase"]: a["worst"] - b["worst"] for a, b in zip(told["phases"], bare["phases"], strict=True)}
    assert {phase: more for phase, more in longer.items() if more} == {"provision": 600.0, "drain": 2400.0}


def test_a_plan_is_short_and_tells_steps_times_way_back_cost_calls_and_things(typed, tmp_path):
    code, out, err = typed("plan", written(tmp_path), "--instances", 10, "--price", "0.5")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) <= 50 and max(map(len, out.splitlines())) <= 155
    assert out.startswith("www.example.com moves from blue to green in 10 steps. Nothing is changed now.\n")
    assert re.search(r"^  1 +10% +up to 16% +blue 90, green 10 +2 +5m$", out, re.M)
    assert re.search(r"^  in all +2h\d+m +1\dh\d*m?$", out, re.M)
    assert "The way back is cheap until retire begins" in out
    assert "At 0.5 a machine hour: about" in out
    assert "10 a second (Route 53 Developer Guide" in out
    assert "group shop-green-?????, like shop-blue" in out


def test_no_price_is_ever_invented(typed, tmp_path):
    _, out, _ = typed("plan", written(tmp_path), "--instances", 10)
    assert "With --price" in out and "At 0." not in out
    assert json.loads(typed("plan", written(tmp_path), "--json")[1])["cost"]["expected_money"] is None


def test_a_plan_that_cannot_succeed_says_so_first(typed, tmp_path):
    _, out, _ = typed("plan", written(tmp_path, ("", "deadlines: {scale: 2m}")))
    assert "it comes to: rolled back (" in out.splitlines()[2] + out.splitlines()[1]


def test_the_json_of_a_plan_says_the_same(typed, tmp_path):
    code, out, _ = typed("plan", written(tmp_path), "--json", "--instances", 10)
    told = json.loads(out)
    assert code == 0
    assert [step["machines"] for step in told["steps"]] == [2, 4, 5, 6, 8, 9, 10, 11, 12, 12]
    assert told["expected"] == pytest.approx(sum(phase["expected"] for phase in told["phases"]))
    assert told["worst"] == sum(phase["worst"] for phase in told["phases"])
    assert told["ends"] == "succeeded" and told["way_back"]["cheap_until"] < told["expected"]


def test_machines_that_nobody_counted_are_told_in_percent(typed, tmp_path):
    _, out, _ = typed("plan", written(tmp_path))
    assert "in percent of blue's" in out and re.search(r"^  10 +100% .*120%", out, re.M)


# -- lint ---------------------------------------------------------------------------------


def test_a_clean_file_is_exit_code_0(typed, tmp_path):
    code, out, _ = typed("lint", written(tmp_path))
    assert code == 0 and "nothing found; " in out


def test_an_error_is_exit_code_1_with_place_fact_and_remedy(typed, tmp_path):
    path = written(tmp_path, ("below: 1%", "below: 100%"), ("below: 800ms", "below: 1h"))
    code, out, _ = typed("lint", path)
    assert code == 1
    assert f"{path}:9: error: gates: the worst candidate passes error_rate, latency_p99 [no-stop-condition]\n" in out
    assert "    because each gate was tried" in out and "    so add a gate on errors" in out


def test_warnings_and_notes_alone_are_exit_code_0(typed, tmp_path):
    code, out, _ = typed("lint", written(tmp_path, ("", "retire: remove\nevery: 3m")))
    assert code == 0 and "1 warning, 1 note" in out


def test_the_json_of_a_lint_says_the_same(typed, tmp_path):
    _, out, _ = typed("lint", written(tmp_path, ("", "retire: remove")), "--json")
    (found,) = json.loads(out)["findings"]
    assert (found["name"], found["severity"], found["line"], found["key"]) == (
        "retire-removes-what-it-did-not-make",
        "note",
        15,
        "retire",
    )


def test_all_that_is_looked_for_can_be_listed_without_a_file(typed):
    code, out, _ = typed("lint", "--list")
    assert code == 0 and out.strip() in PAGE.read_text()


@pytest.mark.parametrize("command", ["plan", "lint", "policy"])
@pytest.mark.parametrize(
    ("text", "words"),
    [("service: x", "service"), ("a: [", "is not YAML"), (CLEAN.replace("5m}", "30s}"), "a hold of 30s ends before")],
)
def test_a_file_that_is_wrong_is_exit_code_4_with_what_is_wrong(typed, tmp_path, command, text, words):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    code, out, err = typed(command, path)
    assert (code, out) == (4, "") and words in err and "Traceback" not in err


@pytest.mark.parametrize("given", [("--boot", "fast"), ("--error-rate", "5"), ("--instances", "0"), ("--price", "-1")])
def test_an_option_that_is_wrong_is_exit_code_4(typed, tmp_path, given):
    assert typed("plan", written(tmp_path), *given)[0] == 4


# -- policy -------------------------------------------------------------------------------


def test_a_policy_is_json_on_stdout_and_notes_on_stderr(typed, tmp_path):
    code, out, err = typed("policy", written(tmp_path))
    assert code == 0 and json.loads(out)["Version"] == "2012-10-17"
    assert "--role" in err and "give its id" in err


def test_a_part_that_is_not_there_is_exit_code_4(typed, tmp_path):
    assert typed("policy", written(tmp_path), "--part", 9)[0] == 4


def test_a_policy_that_is_too_large_says_how_to_get_its_parts(typed, tmp_path, monkeypatch):
    monkeypatch.setattr("bluegreen.preview.policy.document.MAXIMUM", 2000)
    code, out, err = typed("policy", written(tmp_path))
    assert (code, out) == (4, "") and "--part 1" in err
    assert typed("policy", written(tmp_path), "--part", 1)[0] == 0


# -- the page, and speed ------------------------------------------------------------------


def test_nothing_is_found_in_the_file_that_the_page_shows(typed, tmp_path):
    (shown,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.S)
    path = tmp_path / "page.rollout.yaml"
    path.write_text(shown)
    assert "nothing found" in typed("lint", path)[1]


def test_help_loads_none_of_it():
    code = (
        "import sys\nfrom bluegreen.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "assert not [m for m in sys.modules if m.startswith(('bluegreen.preview', 'boto3', 'scipy'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("plan", "lint", "policy"))


def test_plan_lint_and_policy_never_load_boto3(tmp_path):
    path = str(written(tmp_path))
    code = (
        "import sys\nfrom bluegreen.cli import main\n"
        f"for command in ('plan', 'lint', 'policy'):\n  try: main([command, {path!r}])\n  except SystemExit: pass\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'simpy', 'numpy', 'sim')]"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
