"""`bluegreen rehearse` and `bluegreen scenarios` as a user types them: what is said, and the exit code."""

import json
import re

import jsonschema
import pytest

from bluegreen.errors import UserError
from sim.scenario import Scenario, built_in, find_scenario, load_scenario, merge

from ..plan.test_plan import SHOP


def scenario(tmp_path, text):
    path = tmp_path / "mine.scenario.yaml"
    path.write_text(text)
    return path


def test_without_any_argument_the_first_scenario_runs_and_names_its_report(typed, tmp_path):
    code, out, _ = typed("rehearse")
    assert code == 0
    assert len(out.splitlines()) <= 25
    assert out.startswith("Green took over")
    report = re.search(r"^report +(\S+)$", out, re.M).group(1)
    assert (tmp_path / report).read_text().lower().startswith("<!doctype html>")
    assert "\r" not in out, "the progress line is for terminals only"


def test_a_missed_expectation_is_exit_code_1_and_is_named(typed, tmp_path):
    mine = scenario(
        tmp_path, "about: wishful\nfaults: [{kind: boot_failure, chance: 100%}]\nexpect: {end: succeeded}\n"
    )
    code, out, _ = typed("rehearse", "--scenario", mine)
    assert code == 1
    assert "end: wanted succeeded, got rolled back" in out
    assert f"bluegreen rehearse --scenario {mine} --seed 1" in out


def test_a_broken_invariant_is_exit_code_2_and_names_the_moment(typed, tmp_path, monkeypatch):
    from bluegreen.decide import scale, shift

    monkeypatch.setattr(scale, "needed", lambda plan, rollout, share: 1)
    monkeypatch.setattr(shift, "needed", lambda plan, rollout, share: 1)
    code, out, _ = typed("rehearse")
    assert code == 2
    assert "An invariant broke at 0:" in out and "no weight beyond capacity" in out


def test_no_end_in_time_is_exit_code_3(typed, tmp_path):
    mine = scenario(tmp_path, "about: no patience\ngive_up_after: 10m\n")
    code, out, _ = typed("rehearse", "--scenario", mine)
    assert code == 3
    assert "has not ended" in out


def test_a_rollout_of_ones_own_is_rehearsed_as_it_is(typed, tmp_path):
    own = tmp_path / "own.rollout.yaml"
    own.write_text(SHOP.read_text().replace("name: shop", "name: till").replace("step: 10%", "step: 50%"))
    code, out, _ = typed("rehearse", own, "--scenario", "autoscaling-lags", "--seed", 3)
    assert "shift 50%" in out, "the scenario's own strategy is for its own rollout"
    assert f"bluegreen rehearse {own} --scenario autoscaling-lags --seed 3" in out
    assert code in (0, 1)


BAD_SCENARIOS = [
    ("about: x\nworlds: {}\n", ":2: worlds: unknown key"),
    ("world: {}\n", "about is missing"),
    ("about: x\nfaults: [{kind: earthquake}]\n", "unknown kind 'earthquake'; possible are 'alarm_flaps'"),
    (
        "about: x\nfaults: [{kind: az_loss, at: 5m, share: 10%}]\n",
        "one of at, share or phase; this one has at and share",
    ),
    ("about: x\nworld: {clients: {count: 0}}\n", ":2: world.clients.count: input should be greater than or equal to 1"),
    ("about: x\nexpect: {end: happy}\n", "expect.end: input should be 'succeeded', 'rolled back'"),
    ("about: x\nchange: {strategy: {hold: 5}}\n", "5 is not a length of time"),
    (
        "about: x\nchange: {candidate: {clone: null, beanstalk: {application: shop, version: v2}}}\n",
        "mine.scenario.yaml: its `change` makes this of shop.rollout.yaml:",
    ),
    ("about: x\nrollout: nowhere.yaml\n", "cannot be read: No such file"),
    ("about: x\ncloud: {zone_exists: false}\n", "example.com"),
    ("about: x\ncloud: {record: latency}\n", "www.example.com"),
]


@pytest.mark.parametrize(("text", "words"), BAD_SCENARIOS)
def test_bad_input_is_exit_code_4_with_place_and_remedy_and_no_report(typed, tmp_path, text, words):
    code, out, err = typed("rehearse", "--scenario", scenario(tmp_path, text))
    assert (code, out) == (4, "")
    assert words in err and "Traceback" not in err
    assert not (tmp_path / "reports").exists()


def test_an_unknown_scenario_is_answered_with_what_is_nearest_and_where_the_others_are(typed):
    code, _, err = typed("rehearse", "--scenario", "al-well")
    assert code == 4 and "'al-well'" in err and "did you mean all-well" in err and "`bluegreen scenarios`" in err


def test_a_scenario_without_a_name_is_not_taken_for_none(typed):
    """As when a script's variable is empty."""
    code, out, err = typed("rehearse", "--scenario", "")
    assert (code, out) == (4, "") and "no scenario and no file ''" in err


@pytest.mark.parametrize(
    "words", [["rehears"], ["rehearse", "--sead", "1"], ["rehearse", "--seed", "x"], ["rehearse", "a", "b"]]
)
def test_a_wrong_command_line_is_exit_code_4(typed, words):
    code, _, err = typed(*words)
    assert code == 4 and "Usage:" in err


def test_a_reports_folder_that_is_a_file_is_exit_code_4(typed, tmp_path):
    (tmp_path / "reports").write_text("in the way")
    code, _, err = typed("rehearse")
    assert code == 4 and "reports" in err


def test_the_catalogue_is_listed_with_a_sentence_each(typed):
    code, out, _ = typed("scenarios")
    assert code == 0
    assert len(out.splitlines()) == len(built_in())
    assert all(len(line.split(None, 1)[1]) > 20 for line in out.splitlines())


def test_the_schema_of_scenarios_accepts_the_catalogue(typed):
    from ruamel.yaml import YAML

    _code, out, _ = typed("scenarios", "--schema")
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in built_in().values():
        jsonschema.validate(YAML(typ="safe").load(path), schema)


def test_a_changed_kind_replaces_its_whole_mapping():
    assert merge({"s": {"kind": "a", "x": 1}}, {"s": {"kind": "b", "y": 2}}) == {"s": {"kind": "b", "y": 2}}
    assert merge({"s": {"kind": "a", "x": 1}}, {"s": {"x": 2}}) == {"s": {"kind": "a", "x": 2}}


def test_a_scenario_file_without_a_name_is_called_by_its_file(tmp_path):
    assert load_scenario(scenario(tmp_path, "about: x\n")).name == "mine"
    with pytest.raises(UserError, match="there is no scenario and no file"):
        find_scenario("nothing")


def test_a_scenario_can_be_made_in_code_too():
    assert Scenario(about="x").expect.end is None


TEMPLATE = """
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Name: NAME, Port: 80, Protocol: HTTP, VpcId: vpc-0123456789abcdef0}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {ImageId: ami-0abcdef0123456789, InstanceType: t3.micro}}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "2"
      MaxSize: "40"
      LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: !GetAtt Launch.LatestVersionNumber}
      TargetGroupARNs: [!Ref Targets]
      VPCZoneIdentifier: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
"""


@pytest.fixture
def by_template(tmp_path):
    """Writes a rollout to a template whose target group has the given name."""

    def write(name):
        (tmp_path / "green.yaml").write_text(TEMPLATE.replace("NAME", name))
        path = tmp_path / "web.rollout.yaml"
        path.write_text(
            SHOP.read_text().replace("clone: {image: ami-0abcdef0123456789}", "template: {file: green.yaml}")
        )
        return path

    return write


def test_a_rollout_to_a_template_is_rehearsed_and_tells_what_stands_in(typed, tmp_path, by_template):
    code, out, _ = typed("rehearse", by_template("web"))
    assert code == 0 and "Green took over" in out
    trace = (tmp_path / "reports/all-well-1-web.trace.jsonl").read_text().splitlines()
    assert any("vpc-0123456789abcdef0 is not in the rehearsal" in note for note in json.loads(trace[0])["notes"])


def test_a_template_that_fails_to_create_is_exit_code_4_and_nothing_is_left(typed, tmp_path, by_template):
    name = "a-name-that-is-longer-than-target-groups-may-have"
    code, _, err = typed("rehearse", by_template(name))
    assert code == 4 and "Traceback" not in err
    assert f"Targets (AWS::ElasticLoadBalancingV2::TargetGroup): Target group name '{name}' cannot be longer" in err
    end = json.loads((tmp_path / "reports/all-well-1-web.trace.jsonl").read_text().splitlines()[-1])
    assert end["end"] == "rolled back"
