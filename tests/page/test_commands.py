"""The options around the page and the picture in the terminal, and what they say when that cannot be."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bluegreen.cli import bluegreen
from bluegreen.control.words import show_standing
from bluegreen.live.followed import Followed
from bluegreen.live.source import OfTrace

from .conftest import TALE


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "shop.trace.jsonl"
    path.write_text("\n".join(TALE) + "\n")
    return path


def run(*words):
    done = CliRunner().invoke(bluegreen, [*map(str, words)], standalone_mode=False)
    return done.exception, done.output


def test_status_reads_a_trace_as_it_reads_a_journal(trace):
    _, said = run("status", trace)
    known = Followed(OfTrace(trace))
    known.refresh()
    assert said.strip() == show_standing(known.standing(), known.now())
    assert "rolled back" in said and "engine" not in said, "nobody can tell about an engine"


def test_watching_what_has_ended_shows_it_once_and_ends(trace):
    _, said = run("status", trace, "--watch")
    assert said.count("rollout  ") == 1 and "\x1b" not in said


def test_programs_get_one_document(trace):
    assert json.loads(run("status", trace, "--json")[1])["rollout"]["end"] == "rolled back"


def test_a_page_of_what_has_ended_ends_at_once_and_names_its_link_and_nothing_else(trace):
    error, said = run("status", trace, "--bind", "127.0.0.1")
    assert error is None and said.startswith("the live page: http://127.0.0.1:")


def test_an_address_for_everybody_is_warned_about(trace):
    assert "whoever can reach this address and has this link can steer the rollout" in run(
        "status", trace, "--bind", "0.0.0.0"
    )[1].replace("\n", " ")


def test_a_trace_in_which_nothing_has_begun_is_a_clear_word(tmp_path):
    (tmp_path / "x.trace.jsonl").write_text(TALE[0] + "\n")
    error, _ = run("status", tmp_path / "x.trace.jsonl")
    assert "no rollout has begun in it" in str(error)


@pytest.mark.parametrize("speed", ["fast", "0x", "-3x", ""])
def test_a_speed_that_is_none_is_a_clear_word(speed):
    error, _ = run("rehearse", "--tier", "memory", "--speed", speed)
    assert "write how many times as fast as real time, like 60x" in str(error)


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_what_is_not_installed_is_named_with_what_installs_it(trace, missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from bluegreen.cli import main\nmain(['status', {str(trace)!r}, '--bind', '127.0.0.1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert f"this needs {missing}; install with: pip install 'bluegreen-rehearsal[page]'" in done.stderr


def test_without_rich_a_terminal_gets_plain_lines(trace, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nsys.modules['rich'] = None\n"
        f"from bluegreen.cli import main\nmain(['status', {str(trace)!r}, '--watch'])\n"
    )
    words = ["script", "-qec", f"{sys.executable} {program}", "/dev/null"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "rolled back" in done.stdout, done.stdout
