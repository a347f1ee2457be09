"""The page about exploration: its example runs, and the modes and exit codes it names are there."""

import re
from pathlib import Path

from click.testing import CliRunner

from sim.cli.explore import explore as command
from sim.explore import MODES

PAGE = (Path(__file__).parents[2] / "docs" / "explore.md").read_text()


def test_the_example_runs_and_finds_nothing(capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    exec(compile(example, "docs/explore.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == "5 runs, 0 findings\n"


def test_every_mode_is_explained():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE) == list(MODES)


def test_every_option_of_the_page_is_one_of_the_command():
    there = CliRunner().invoke(command, ["--help"]).output
    assert {option for option in re.findall(r"`(--[a-z-]+)", PAGE) if option not in there} == set()
