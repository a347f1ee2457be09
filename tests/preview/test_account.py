"""`--account`: AWS is asked what the file cannot tell, and nothing is changed that is not changed back."""

import json
from datetime import timedelta

import pytest
from moto import mock_aws

from bluegreen.aws.environments.stack_contents import GROUP
from bluegreen.aws.session import Api
from bluegreen.aws.setup import Setup
from bluegreen.aws.wiring import live_setup
from bluegreen.cli import _live, main
from bluegreen.errors import Denied, Refused
from bluegreen.plan import load_plan

from ..aws.conftest import SESSION, Shop
from .files import written


@pytest.fixture
def shop(monkeypatch):
    account = _live.Account(SESSION, "123456789012", "us-east-1")
    monkeypatch.setattr(_live, "open_account", lambda plan: account)
    with mock_aws():
        yield Shop().furnish()


def typed(capsys, *words):
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


def test_the_live_slots_machines_are_counted(shop, tmp_path, capsys):
    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias(shop.dns_name))
    before = shop.names()
    code, out, _ = typed(capsys, "plan", written(tmp_path), "--account", "--json")
    assert code == 0
    assert [step["machines"] for step in json.loads(out)["steps"]] == [1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert shop.names() == before


def test_capacity_is_compared_with_what_is_there(shop, tmp_path, capsys):
    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias(shop.dns_name))
    code, out, _ = typed(capsys, "lint", written(tmp_path, ("}}\n", "}, instances: 2}\n")), "--account")
    assert code == 0 and "all traffic gets 2 machines and 20% more; the live slot has 3 [step-below-capacity]" in out


@pytest.mark.parametrize("command", ["plan", "lint"])
def test_what_a_deploy_would_refuse_is_refused(shop, tmp_path, capsys, command):
    path = written(tmp_path, ("group: shop-blue", "group: shop-bleu"))
    code, out, err = typed(capsys, command, path, "--account")
    assert (code, out) == (4, "") and "there is no Auto Scaling group shop-bleu" in err


def test_how_alarms_are_set_up_is_read_and_judged(shop, tmp_path, capsys):
    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias(shop.dns_name))
    SESSION.client("cloudwatch").put_metric_alarm(
        AlarmName="slow",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=[{"Name": "LoadBalancer", "Value": shop.balancer.partition(":loadbalancer/")[2]}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=5,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
    )
    path = written(tmp_path, ("bake:", "  - {kind: alarm, alarm: slow}\nbake:"))
    code, out, _ = typed(capsys, "lint", path, "--account")
    assert code == 0 and "slow needs 5 periods of 300s, about 27m with what CloudWatch takes; a hold lasts 5m" in out


@pytest.mark.parametrize(("kind", "after"), [("application", 90), ("classic", 10)])
def test_listeners_and_health_checks_of_the_live_balancer_are_read(tmp_path, kind, after):
    with mock_aws():
        shop = Shop()
        shop.furnish(kind)
        if kind == "classic":
            check = {"Target": "HTTP:80/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
            SESSION.client("elb").configure_health_check(LoadBalancerName="shop-blue", HealthCheck=check)
        assert live_setup(SESSION, load_plan(written(tmp_path))) == Setup(("HTTP",), timedelta(seconds=after))


def test_who_may_not_read_listeners_gets_the_findings_all_the_same(shop, tmp_path, capsys, monkeypatch):
    def denied(*_):
        raise Denied("elasticloadbalancing describe_listeners: AccessDenied")

    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias(shop.dns_name))
    monkeypatch.setattr("bluegreen.aws.wiring.setup_of", denied)
    assert typed(capsys, "lint", written(tmp_path), "--account")[0] == 0


# -- a template -------------------------------------------------------------------------------

TEMPLATE = """
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '1'
      MaxSize: '2'
      VPCZoneIdentifier: [SUBNET]
      LaunchTemplate: {LaunchTemplateName: shop, Version: '1'}
  Balancer: {Type: 'AWS::ElasticLoadBalancing::LoadBalancer', Properties: {Listeners: []}}
"""
TOLD = ["in it: add Balancer (AWS::ElasticLoadBalancing::LoadBalancer)", f"in it: add Group ({GROUP})"]


@pytest.fixture
def by_template(shop, tmp_path):
    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias(shop.dns_name))
    (tmp_path / "green.yaml").write_text(TEMPLATE.replace("SUBNET", shop.subnets[0]))
    return written(tmp_path, ("clone: {image: ami-0abcdef0123456789}", "template: {file: green.yaml}"))


@pytest.fixture
def calls(monkeypatch):
    """Every call that is made, in order; `refusals` answers those that it names."""
    made, call = [], Api.call

    def noted(api, service, operation, **params):
        made.append(operation)
        if operation in noted.refusals:
            raise noted.refusals[operation]
        return call(api, service, operation, **params)

    noted.refusals, noted.made = {}, made
    monkeypatch.setattr(Api, "call", noted)
    return noted


def stacks():
    found = SESSION.client("cloudformation").list_stacks()["StackSummaries"]
    return [each["StackName"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"]


def test_a_plan_lists_what_its_template_would_create_and_leaves_nothing_behind(by_template, calls, capsys):
    code, out, _ = typed(capsys, "plan", by_template, "--account", "--json")
    assert code == 0
    assert json.loads(out)["makes"][1:3] == TOLD
    assert [each for each in calls.made if "change_set" in each or "delete" in each] == [
        "create_change_set",
        "describe_change_set",
        "delete_change_set",
        "delete_stack",
    ]
    assert stacks() == []


def test_who_may_make_no_change_set_gets_the_plan_all_the_same(by_template, calls, capsys):
    """Who may not make one may not delete one either: that is not even tried."""
    for operation in ("create_change_set", "delete_change_set"):
        calls.refusals[operation] = Denied(f"cloudformation {operation}: AccessDenied")
    code, out, _ = typed(capsys, "plan", by_template, "--account", "--json")
    assert code == 0
    assert json.loads(out)["makes"][1] == "in it: AWS does not tell: cloudformation create_change_set: AccessDenied"
    assert stacks() == []


def test_a_template_that_cannot_be_worked_out_is_refused_with_the_reason(by_template, calls, capsys):
    calls.refusals["describe_change_set"] = Refused("Unresolved resource dependencies [Vpc]")
    code, out, err = typed(capsys, "plan", by_template, "--account")
    assert (code, out) == (4, "") and "candidate.template.file: Unresolved resource dependencies [Vpc]" in err
    assert stacks() == []


@pytest.mark.parametrize("words", [("plan",), ("lint", "--account")])
def test_no_change_set_is_made_by_a_lint_or_without_being_asked_to(by_template, calls, capsys, words):
    typed(capsys, words[0], by_template, *words[1:])
    assert "create_change_set" not in calls.made


def test_the_help_says_that_a_change_set_is_made_and_removed(capsys):
    assert "a temporary change set is made and removed" in " ".join(typed(capsys, "plan", "--help")[1].split())
    assert "Changes nothing." in " ".join(typed(capsys, "lint", "--help")[1].split())
