"""docs/operate.md: what it shows is what there is."""

import re
from pathlib import Path

from click.testing import CliRunner
from ruamel.yaml import YAML

from bluegreen.aws.team.dynamodb import CREATE
from bluegreen.cli import INTERRUPTED, Commands, bluegreen
from bluegreen.cli._live import LiveExit
from bluegreen.lease.spec import Team

PAGE = (Path(__file__).resolve().parents[2] / "docs/operate.md").read_text()


def test_the_team_section_is_read_as_it_stands():
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert Team(**YAML(typ="safe").load(block)["team"]) == Team(table="bluegreen"), "the default lease is shown"


def test_the_table_is_made_with_the_command_that_the_error_shows():
    assert " ".join(PAGE.replace("\\\n", " ").split()).count(CREATE.format(table="bluegreen")) == 1


def test_every_command_that_is_shown_exists_and_takes_its_options():
    shown = re.findall(r"^bluegreen (\w+) +mine\.rollout\.yaml([^#\n]*)", PAGE, re.M)
    assert len(shown) >= 6
    for name, options in shown:
        usage = CliRunner().invoke(bluegreen, [name, "--help"]).output
        assert all(option in usage for option in re.findall(r"--\w+", options)), (name, options)


def test_the_table_of_exit_codes_is_whole():
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.M)}
    assert rows == {int(code) for code in LiveExit} | {INTERRUPTED}


def test_every_verb_is_in_the_table_of_commands():
    table = PAGE[: PAGE.index("## Signals")]
    for verb in ("pause", "resume", "promote", "retry", "abort", "accept", "refuse"):
        assert f"`{verb}`" in table and verb in Commands(name="x").list_commands(None)
