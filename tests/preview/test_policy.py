"""The printed policy: IAM's grammar, narrow, and neither too little nor too much for what the adapters really call."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from bluegreen.aws.session import Api
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.lease.store import Key, Write
from bluegreen.plan import Guard, load_plan
from bluegreen.preview.policy.arns import Arns, partition_of
from bluegreen.preview.policy.document import MAXIMUM, documents, grants_of, size
from bluegreen.preview.policy.record import escaped
from bluegreen.sync.policy import grants_of as sync_grants_of
from bluegreen.sync.spec import DynamoSync
from sim.cloudspec import CloudSpec
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier

from ..aws.conftest import SESSION
from .files import written
from .iam import NEEDS_NONE, actions, allows, context, resource

KEYS = [{"KeyType": "HASH", "AttributeName": "pk"}, {"KeyType": "RANGE", "AttributeName": "sk"}]
ANSWER = {"Table": {"KeySchema": KEYS}, "Items": []}
"""Of a table with nothing in it."""
ROOT = Path(__file__).resolve().parents[2]
IMAGE = "clone: {image: ami-0abcdef0123456789}"
TEAM = ("", "team: {table: rollouts}\nnotify: [{kind: sns, topic: 'arn:aws:sns:us-east-1:123456789012:shop'}]")
ALARM = ("bake:", "  - {kind: alarm, alarm: a}\nbake:")
FALLBACK = (
    "  record: www.example.com\n  records: alias\n",
    "  record: slots.example.com\nfallback: {name: www.example.com, existing: false, page: page}\n",
)
FALLBACK_OF_CNAMES = (FALLBACK[0], "  records: cname\n  ttl: 60s\n" + FALLBACK[1])
CANNOT_BE_BOUND = {"route53:CreateHealthCheck"}
"""Changing actions that know neither resources nor useful conditions (Service Authorization Reference)."""
ENCRYPTED = (
    "data: {kind: replica, source: a, replica: b, region: eu-west-1, kms_key: 'KEY',"
    " fence: {run: [f]}, unfence: {run: [u]}}"
)
KINDS = {
    "clone": [],
    "launch template": [(IMAGE, "clone: {launch_template: shop}")],
    "zone id": [("zone: example.com", "zone: Z0123456789ABC")],
    "cname": [("records: alias", "records: cname\n  ttl: 60s")],
    "remove": [("", "retire: remove")],
    "alarm": [ALARM],
    "drill": [ALARM, ("", "selftest: {drill: [a]}")],
    "team": [TEAM],
    "target groups": [("", "traffic: {kind: target_groups}")],
    "swap of names": [
        ("live: {balancer: shop-blue, group: shop-blue}", "live: {environment: shop-blue}"),
        (IMAGE, "beanstalk: {application: shop, configuration: web}"),
        ("", "traffic: {kind: beanstalk_swap, cname: shop.us-east-1.elasticbeanstalk.com}\nretire: remove"),
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
    ],
    "group swap": [
        ("", "traffic: {kind: group_swap}"),
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
    ],
    "fallback": [FALLBACK],
    "fallback of cnames": [FALLBACK_OF_CNAMES],
    "reserved": [("", "prewarm: {kind: reservation, units: 200, also_live: true}")],
    "one source": [("", "data: {kind: same, source: shop-db.example.com}")],
    "one source on Beanstalk": [
        ("live: {balancer: shop-blue, group: shop-blue}", "live: {environment: shop-blue}"),
        (IMAGE, "beanstalk: {application: shop, configuration: web}"),
        ("", "data: {kind: same, source: shop-db.example.com}"),
    ],
    "two stores": [("", "data: {kind: sync, sync: orders}")],
    "replica": [
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
        ("", "data: {kind: replica, source: a, replica: b, fence: {run: [f]}, unfence: {run: [u]}}"),
    ],
    "replica elsewhere": [
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
        ("", "data: {kind: replica, source: a, replica: b, region: eu-west-1, fence: {run: [f]}, unfence: {run: [u]}}"),
    ],
    "encrypted replica elsewhere": [
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
        ("", ENCRYPTED.replace("KEY", "alias/aws/rds")),
    ],
    "blue/green deployment": [("", "data: {kind: rds_blue_green, source: a}")],
    "everything": [("", "retire: remove"), ALARM, TEAM, FALLBACK],
    "several regions": [("[us-east-1]", "[us-east-1, eu-west-1]")],
    "China": [("[us-east-1]", "[cn-north-1]")],
}


@pytest.fixture(params=KINDS)
def plan(request, tmp_path):
    return load_plan(written(tmp_path, *KINDS[request.param]))


def statements(plan, **given):
    return [statement for document in documents(plan, **given) for statement in document["Statement"]]


def listed(value):
    return [value] if isinstance(value, str) else value


# -- grammar (IAM User Guide, grammar of the IAM JSON policy language) ---------------------------------


def test_it_is_json_by_iams_grammar(plan):
    for document in documents(plan):
        assert json.loads(json.dumps(document)) == document
        assert set(document) == {"Version", "Statement"} and document["Version"] == "2012-10-17"
        for statement in document["Statement"]:
            assert {"Sid", "Effect", "Action", "Resource"} <= set(statement) <= {*statement, "Condition"}
            assert re.fullmatch(r"[A-Za-z0-9]+", statement["Sid"]) and statement["Effect"] == "Allow"
            assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action) for action in listed(statement["Action"]))
            assert all(
                re.fullmatch(r"\*|arn:aws(-cn|-us-gov)?:[a-z0-9]+:[^:]*:[^:]*:.+", arn)
                for arn in listed(statement["Resource"])
            )
            for operator, keys in statement.get("Condition", {}).items():
                assert operator in {"StringEquals", "ArnLike", "ForAllValues:StringEquals"}
                assert all(re.match(r"[a-z0-9]+:[A-Za-z]", key) and values for key, values in keys.items())


def test_statements_have_names_of_their_own(plan):
    sids = [statement["Sid"] for statement in statements(plan)]
    assert len(set(sids)) == len(sids)


def test_no_part_is_larger_than_iam_takes(plan):
    assert all(size(document) <= MAXIMUM for document in documents(plan))


def test_one_that_is_too_large_comes_in_parts_with_nothing_lost(plan, monkeypatch):
    whole = statements(plan)
    monkeypatch.setattr("bluegreen.preview.policy.document.MAXIMUM", 1500)
    assert len(documents(plan)) > 1
    assert statements(plan) == whole


# -- narrow ---------------------------------


def test_nothing_that_changes_something_may_be_done_to_everything(plan):
    """What has to stand on `*` is bound by a condition, or only reads."""
    for statement in statements(plan):
        bindable = [action for action in listed(statement["Action"]) if action not in CANNOT_BE_BOUND]
        reads = all(re.search(r":(Describe|Get|List|Validate)", action) for action in bindable)
        assert statement["Resource"] != "*" or reads or statement.get("Condition"), statement["Sid"]


def test_no_action_is_a_wildcard(plan):
    assert "*" not in "".join(action for statement in statements(plan) for action in listed(statement["Action"]))


def test_only_the_services_record_may_be_changed(tmp_path):
    plan = load_plan(written(tmp_path, ("zone: example.com", "zone: Z0123456789ABC"), ("www.", "WWW.")))
    record = next(statement for statement in statements(plan) if statement["Sid"] == "Record")
    assert record["Resource"] == "arn:aws:route53:::hostedzone/Z0123456789ABC"
    condition = record["Condition"]["ForAllValues:StringEquals"]
    assert condition["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == "www.example.com"
    assert condition["route53:ChangeResourceRecordSetsRecordTypes"] == "A"


def test_a_zone_given_by_its_id_needs_no_list_of_zones(tmp_path):
    plan = load_plan(written(tmp_path, ("zone: example.com", "zone: Z0123456789ABC")))
    assert "ListHostedZonesByName" not in json.dumps(statements(plan))


@pytest.mark.parametrize(("name", "normal"), [("WWW.Example.com.", "www.example.com"), ("*.a.b", r"\052.a.b")])
def test_names_are_written_as_the_condition_key_wants_them(name, normal):
    assert escaped(name) == normal


def test_a_role_that_is_named_is_the_only_one_to_be_passed(tmp_path):
    plan = load_plan(written(tmp_path))
    passed = next(s for s in statements(plan, roles=("shop-machine",)) if s["Sid"] == "PassRoles")
    assert passed["Resource"] == "arn:aws:iam::123456789012:role/shop-machine"


def test_what_is_kept_may_not_be_deleted(tmp_path):
    kept, removed = (load_plan(written(tmp_path, ("", f"retire: {what}"))) for what in ("keep", "remove"))
    live = "autoScalingGroupName/shop-blue"
    deletes = [json.dumps([s for s in statements(p) if "DeleteAutoScalingGroup" in str(s)]) for p in (kept, removed)]
    assert live not in deletes[0] and live in deletes[1]


KEY_ID = "12345678-1234-1234-1234-123456789012"
KEY_ARN = f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"


@pytest.mark.parametrize(
    ("key", "on"),
    [
        (KEY_ID, KEY_ARN),
        (KEY_ARN, KEY_ARN),
        ("alias/shop", "arn:aws:kms:eu-west-1:123456789012:key/*"),
        ("arn:aws:kms:eu-west-1:123456789012:alias/shop", "arn:aws:kms:eu-west-1:123456789012:key/*"),
    ],
)
def test_a_replicas_key_may_be_used_by_rds_where_the_replica_is_and_no_other_way(tmp_path, key, on):
    at_once = ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}")
    printed = documents(load_plan(written(tmp_path, at_once, ("", ENCRYPTED.replace("KEY", key)))))
    (said,) = (each for document in printed for each in document["Statement"] if "kms" in json.dumps(each["Action"]))
    assert (sorted(said["Action"]), said["Resource"]) == (["kms:CreateGrant", "kms:DescribeKey"], on)
    assert said["Condition"] == {"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}}


CHECK = Write(Key("p", "a"), None, {"n": 1})
TABLE_CALLS = {
    "DescribeTable": lambda store: store.check(),
    "GetItem": lambda store: store.get(CHECK.key),
    "Query": lambda store: store.range("p", "a"),
    "PutItem": lambda store: store.write(Write(CHECK.key, {"n": 1})),
    "ConditionCheckItem": lambda store: store.write(CHECK),
}


@pytest.mark.parametrize("action", TABLE_CALLS)
def test_a_team_may_do_with_its_own_table_what_its_store_does_and_nothing_with_another(tmp_path, monkeypatch, action):
    printed = documents(load_plan(written(tmp_path, TEAM)))
    for table, allowed in (("rollouts", True), ("rollouts-of-others", False)):
        recorder = Recorder(monkeypatch, ANSWER)
        TABLE_CALLS[action](DynamoStore(Api(SESSION), table))
        ((service, operation, params),) = recorder.calls
        needed = [each for each in actions(service, operation) if each.endswith(f":{action}")]
        arn = resource(service, operation, params)
        assert [allows(printed, each, arn, {}) for each in needed] == [allowed]


def test_without_a_team_no_table_may_be_touched(tmp_path):
    assert "dynamodb" not in json.dumps(documents(load_plan(written(tmp_path))))


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_are_of_the_regions_partition(region, partition):
    assert partition_of(region) == partition


def test_the_candidates_names_are_those_that_the_adapters_give(tmp_path):
    from fnmatch import fnmatchcase

    from bluegreen.aws.environments.base import Stamp
    from bluegreen.preview.names import made

    plan = load_plan(written(tmp_path))
    for part in ("", "arn:one", "arn:two"):
        name = Stamp("shop", "shop-20300101-000000", plan.live.slot.other).name_of(part)
        assert fnmatchcase(name, made(plan)) and fnmatchcase(name, Arns(plan).candidate)


# -- neither too little nor too much ---------------------------------


class Recorder:
    """Every call that the engine's adapters make. With an `answer`, nobody else gives one."""

    def __init__(self, monkeypatch, answer=None):
        self.calls = []
        call, collect = Api.call, Api.collect

        def told(api, service, operation, **params):
            self.calls.append((service, operation, params))
            return answer or call(api, service, operation, **params)

        def collected(api, service, operation, key, **params):
            self.calls.append((service, operation, params))
            return collect(api, service, operation, key, **params)

        monkeypatch.setattr(Api, "call", told)
        monkeypatch.setattr(Api, "collect", collected)


REHEARSED = {
    "all-well": {},
    "errors-at-30": {"balancer": "classic"},
    "warm-balancer": {"balancer": "classic"},
    "alarm-flaps": {"record": "simple"},
    "replies-lost": {},
    "target-groups": {},
    "group-swap": {},
    "beanstalk-swap": {},
    "prewarmed-balancer": {},
    "both-broken-with-fallback": {},
    "both-broken-with-cname-records": {},
    "alarm-drilled": {},
    "two-engines": {},
    "one-source-for-both": {},
    "other-source-on-beanstalk": {},
    "two-stores-kept-together": {},
    "other-region-with-a-partition": {},
    "database-switched-over": {},
}
UNSEEN = {
    "dynamodb:DescribeTable": "by commands, before there is an engine",
    "elasticloadbalancing:AddListenerCertificates": "only for listeners with several certificates",
    "elasticloadbalancing:CreateRule": "only when the live balancer has rules",
    "elasticloadbalancing:DescribeListenerCertificates": "only for listeners with certificates",
    "elasticloadbalancing:ModifyTargetGroupAttributes": "only when the live target group's attributes are no defaults",
    "elasticloadbalancing:ModifyRule": "only when the live balancer has rules",
    "ec2:RunInstances": "implied",
    "ec2:CreateTags": "implied",
    "iam:PassRole": "implied",
    "elasticbeanstalk:AddTags": "implied",
    "elasticloadbalancing:AddTags": "implied",
    "rds:AddTagsToResource": "implied",
    "rds:ModifyDBInstance": "implied",
    "kms:CreateGrant": "implied",
    "kms:DescribeKey": "implied",
}


@cache
def rehearsed(name):
    """The plan of a scenario and the calls of its rehearsal on moto, preflight included; each call once."""
    path, cloud = built_in()[name], REHEARSED[name]
    scenario = load_scenario(path)
    if cloud:
        scenario = scenario.model_copy(update={"cloud": CloudSpec.model_validate(cloud)})
    plan = plan_of(scenario, path, None)
    with pytest.MonkeyPatch.context() as patched:
        recorder = Recorder(patched)
        run(scenario, plan, 1, tier=Tier.MOTO)
    return plan, list({repr(call): call for call in recorder.calls}.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", REHEARSED)
def test_every_call_of_a_rehearsal_is_allowed(name):
    plan, calls = rehearsed(name)
    printed = documents(plan)
    tags = {"bluegreen:service": plan.service.name}
    for service, operation, params in calls:
        arn, known = resource(service, operation, params), context(service, operation, params, tags)
        for action in actions(service, operation):
            assert action in NEEDS_NONE or allows(printed, action, arn, known), (action, arn, known)


@pytest.mark.slow
def test_every_action_is_used_by_a_rehearsal_or_there_is_a_reason():
    used, granted, implied = set(), set(), set()
    for name in REHEARSED:
        plan, calls = rehearsed(name)
        used |= {action for service, operation, _ in calls for action in actions(service, operation)}
        for grant in grants_of(plan):
            granted |= set(grant.actions)
            implied |= set(grant.implied)
    assert granted - used == set(UNSEEN)
    assert implied - used == {action for action, why in UNSEEN.items() if why == "implied"}


SYNC = DynamoSync(
    kind="dynamodb",
    name="orders",
    guard=Guard(accounts=("123456789012",), regions=("us-east-1",)),
    first={"side": "blue", "table": "orders"},
    second={"side": "green", "table": "orders-green"},
    state={"table": "state"},
    publish={},
)


def operations():
    """Each service and operation that a file of bluegreen/aws names: `call(service, operation)`, and what its own
    helpers are told that pass an operation on."""
    for path in sorted((ROOT / "bluegreen/aws").rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
        passed_on = ""
        for node in (call for call in calls if call.func.attr in ("call", "collect") and len(call.args) >= 2):
            service, operation = (
                constants.get(getattr(arg, "id", ""), getattr(arg, "value", None)) for arg in node.args[:2]
            )
            if isinstance(operation, str):
                yield path.name, service, operation
            elif isinstance(node.args[1], ast.Name):
                passed_on = service
        for node in calls if passed_on else ():
            if node.func.attr in ("_ask", "_call", "_change") and isinstance(node.args[0], ast.Constant):
                yield path.name, passed_on, node.args[0].value


def test_every_operation_that_an_adapter_names_is_in_the_policy_of_some_file(tmp_path):
    """A new adapter needs a file in bluegreen/preview/policy; `bluegreen sync` prints a policy of its own."""
    everything = [("template", [(IMAGE, "template: {file: green.yaml}")]), *KINDS.items()]
    (tmp_path / "green.yaml").write_text("Resources: {}")
    granted = {
        action
        for _, changes in everything
        for grant in grants_of(load_plan(written(tmp_path, *changes)))
        for action in grant.actions
    }
    granted |= {action for grant in sync_grants_of(SYNC) for action in grant.actions}
    missing = {
        f"{file}: {action}"
        for file, service, operation in operations()
        for action in actions(service, operation)
        if action not in granted | NEEDS_NONE
    }
    assert not missing
