"""Stacks in virtual time, as the engine's way to an environment meets them."""

from datetime import timedelta

import pytest

from bluegreen.errors import Refused, Unreachable
from bluegreen.model import Presence, Slot
from sim.api import ApiTrouble
from sim.effects import Created, Removed
from sim.worldspec import WorldSpec
from tests.cloudformation.conftest import create, events, settle
from tests.cloudformation.templates import APPLICATION, CERTIFICATE, CLASSIC, GIVEN


def notes(it):
    return "\n".join(it.world.notes)


def left_over(it):
    """What was made for green and is still there."""
    made = [e.name for e in it.world.effects if isinstance(e, Created) and e.slot is Slot.GREEN]
    gone = [e.name for e in it.world.effects if isinstance(e, Removed)]
    return [name for name in made if name not in gone]


def test_a_template_becomes_an_environment_with_its_group_and_application_balancer(stack):
    with stack() as it:
        assert it.way.look().presence is Presence.ABSENT
        view = create(it)
        it.wait(minutes=6)
        facts = it.way.facts()
        assert view.presence is Presence.READY and view.desired == 2
        assert facts.balancer.kind == "application" and len(facts.balancer.target_groups) == 1
        assert it.way.look().healthy == it.world.places[Slot.GREEN].fleet.healthy == 2


def test_a_template_with_a_classic_balancer_and_a_launch_configuration_becomes_an_environment(stack):
    with stack(CLASSIC, {}) as it:
        assert create(it).presence is Presence.READY
        it.wait(minutes=6)
        assert it.way.facts().balancer.kind == "classic"
        assert it.way.look().healthy == 1


def test_the_stack_waits_for_its_machines_to_signal(stack):
    with stack() as it:
        it.way.create()
        it.wait(minutes=3)
        assert it.way.look().presence is Presence.CREATING
        assert ("Group", "CREATE_COMPLETE") not in events(it)
        assert settle(it).presence is Presence.READY


def test_while_it_is_made_the_newest_event_says_how_far_it_is(stack):
    with stack() as it:
        it.way.create()
        it.wait(minutes=3)
        newest = events(it)[-1]
        assert it.way.look().detail.startswith(f"stack CREATE_IN_PROGRESS: {newest[0]} (AWS::")
        assert it.way.look().detail.endswith(newest[1])


def test_machines_that_never_signal_roll_the_stack_back_with_the_first_failure_and_its_reason(stack):
    world = WorldSpec.model_validate({"candidate": {"boot_failure": "100%"}})
    with stack(world=world) as it:
        view = create(it)
        assert view.presence is Presence.FAILED
        assert "Group (AWS::AutoScaling::AutoScalingGroup): Failed to receive 2 resource signal(s)" in view.detail
        it.wait(minutes=20)
        assert "ROLLBACK_COMPLETE" in it.way.look().detail
        assert left_over(it) == []
        it.way.remove()
        assert settle(it).presence is Presence.ABSENT


def test_events_tell_each_resource_in_an_order_that_respects_what_it_needs(stack):
    with stack() as it:
        create(it)
        told = events(it)
        place = {event: index for index, event in enumerate(told)}
        assert told[0] == (it.name, "CREATE_IN_PROGRESS") and told[-1] == (it.name, "CREATE_COMPLETE")
        for first, second in [
            ("Balancer", "Listener"),
            ("Targets", "Listener"),
            ("Listener", "Group"),
            ("Door", "Balancer"),
        ]:
            assert place[first, "CREATE_COMPLETE"] < place[second, "CREATE_IN_PROGRESS"]


def test_a_removed_stack_leaves_nothing_behind_and_its_name_is_free_again(stack):
    with stack() as it:
        create(it)
        assert left_over(it)
        it.way.remove()
        assert it.way.look().presence is Presence.REMOVING
        assert settle(it).presence is Presence.ABSENT
        assert left_over(it) == []
        it.way.remove()
        assert create(it).presence is Presence.READY


def test_removing_while_it_is_being_created_ends_with_nothing(stack):
    with stack() as it:
        it.way.create()
        it.wait(seconds=150)
        it.way.remove()
        assert settle(it).presence is Presence.ABSENT
        assert left_over(it) == []


def test_a_stack_whose_making_and_removing_are_never_answered_is_made_and_removed_once(stack):
    with stack() as it:
        changes = ("cloudformation:CreateStack", "cloudformation:DeleteStack")
        it.world.api.troubles.append(ApiTrouble("lost reply", changes))
        with pytest.raises(Unreachable):
            it.way.create()
        it.again().create()
        assert settle(it).presence is Presence.READY
        with pytest.raises(Unreachable):
            it.again().remove()
        it.again().remove()
        assert settle(it).presence is Presence.ABSENT
        assert left_over(it) == []
        assert [it.world.api.log.count(change) for change in changes] == [1, 1]


def test_a_template_that_is_spoilt_when_it_is_its_turn_is_refused_with_its_name(stack):
    with stack() as it:
        file = it.plan.candidate.template.file
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(Refused, match=f"{file.name} is not UTF-8 text"):
            it.way.create()
        file.unlink()
        with pytest.raises(Refused, match=f"{file.name} cannot be read"):
            it.way.create()


def test_creating_twice_makes_one_stack_and_another_engine_finds_it(stack):
    with stack() as it:
        it.way.create()
        it.again().create()
        it.way = it.again()
        assert settle(it).presence is Presence.READY
        assert it.again().facts() == it.way.facts()


def test_a_stack_of_the_same_name_that_is_not_of_this_rollout_is_never_removed(stack):
    with stack() as it:
        template = it.plan.candidate.template
        body = template.file.read_text()
        asked = [
            {"ParameterKey": k, "ParameterValue": v if isinstance(v, str) else ",".join(v)} for k, v in GIVEN.items()
        ]
        it.api.call("cloudformation", "create_stack", StackName=it.name, TemplateBody=body, Parameters=asked)
        assert it.way.look().presence is Presence.FAILED
        with pytest.raises(Refused, match="left alone"):
            it.way.remove()


def test_the_group_grows_and_its_scale_in_is_held(stack):
    with stack() as it:
        create(it)
        it.way.resize(12)
        it.way.hold_scale_in(held=True)
        view = it.way.look()
        assert view.desired == 12 and view.scale_in_held


def test_things_of_the_teams_account_get_stand_ins_and_what_is_passed_over_is_told(stack):
    with stack(parameters={**GIVEN, "Certificate": CERTIFICATE}) as it:
        assert create(it).presence is Presence.READY
        for word in (
            *GIVEN["Subnets"],
            GIVEN["Vpc"],
            CERTIFICATE,
            "AWS::CloudWatch::Alarm",
            "cfn-init",
            "UpdatePolicy",
        ):
            assert word in notes(it)


def test_outputs_are_worked_out_once_the_stack_is_complete(stack):
    with stack() as it:
        create(it)
        told = it.api.call("cloudformation", "describe_stacks", StackName=it.name)["Stacks"][0]["Outputs"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in told}
        balancer = it.way.facts().balancer
        assert outputs == {"Url": f"https://{balancer.dns_name}", "Zone": balancer.zone_id}


def changed(old, new):
    assert old in APPLICATION
    return APPLICATION.replace(old, new)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (changed("MaxSize: '8'", "MaxSize: '1'"), "Group (AWS::AutoScaling::AutoScalingGroup): Max bound, 1,"),
        (changed("      MaxSize: '8'\n", ""), "#: required key [MaxSize] not found"),
        (changed("MaxSize: '8'", "MaxSize: many"), "#/MaxSize: expected type: Integer, found: String"),
        (changed("HealthCheckType: ELB", "HealthChek: ELB"), "#: extraneous key [HealthChek] is not permitted"),
        (changed("[!Equals [!Ref Certificate, '']]", "[!Equals [a, b]]"), "Certificate ARN '' is not valid"),
        (changed("Subnets: !Ref Subnets", "Subnets: [subnet-1]"), "At least two subnets"),
    ],
)
def test_a_resource_that_aws_would_refuse_rolls_the_stack_back_with_its_reason(stack, body, reason):
    with stack(body) as it:
        view = create(it)
        assert view.presence is Presence.FAILED and reason in view.detail
        it.wait(minutes=20)
        assert left_over(it) == []


def test_a_parameter_that_names_nothing_of_its_kind_rolls_the_stack_back_at_once(stack):
    with stack(parameters={**GIVEN, "Vpc": "subnet-0a1b2c3d"}) as it:
        view = create(it)
        assert view.presence is Presence.FAILED
        assert "parameter value subnet-0a1b2c3d for parameter name Vpc does not exist" in view.detail


RECORD = """
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneName: example.com.
      Name: NAME
      Type: A
      AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: !GetAtt Balancer.CanonicalHostedZoneID}
      MORE
Outputs:"""


@pytest.mark.parametrize(
    ("name", "more", "reason"),
    [
        ("www.example.com", "", "it already exists"),
        ("www.example.com.", "SetIdentifier: mine", "Take the record out of the template"),
    ],
)
def test_a_record_of_the_templates_own_at_the_services_name_fails_the_stack(stack, name, more, reason):
    with stack(changed("\nOutputs:", RECORD.replace("NAME", name).replace("MORE", more))) as it:
        assert reason in create(it).detail


def test_a_record_at_another_name_is_passed_over(stack):
    with stack(changed("\nOutputs:", RECORD.replace("NAME", "green.example.com").replace("MORE", ""))) as it:
        assert create(it).presence is Presence.READY


TWO_GROUPS = changed(
    "  Balancer:\n",
    """  Workers:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: 1
      MaxSize: 1
      VPCZoneIdentifier: !Ref Subnets
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: 1}
  Inside:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Scheme: internal, Subnets: !Ref Subnets}
  Balancer:
""",
)


def test_of_two_groups_the_plan_must_say_which_is_meant(stack):
    with stack(TWO_GROUPS) as it:
        view = create(it)
        assert view.presence is Presence.FAILED
        assert "2 Auto Scaling groups (" in view.detail and "candidate.template.group" in view.detail


def test_the_plan_names_the_group_and_the_balancer_that_reaches_it_is_found(stack):
    with stack(TWO_GROUPS, group="Group") as it:
        assert create(it).presence is Presence.READY
        assert "Balanc" in it.way.facts().balancer.name


@pytest.mark.parametrize("balancer", ["Inside", "Nowhere"])
def test_a_named_balancer_that_does_not_reach_the_group_is_told(stack, balancer):
    with stack(TWO_GROUPS, group="Group", balancer=balancer) as it:
        assert balancer in create(it).detail


def test_a_group_that_no_balancer_reaches_is_told_with_the_remedy(stack):
    with stack(changed("      TargetGroupARNs: [!Ref Targets]\n", "")) as it:
        view = create(it)
        assert view.presence is Presence.FAILED and "(TargetGroupARNs)" in view.detail


NESTED = changed(
    "\nOutputs:", "\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: HERE}\nOutputs:"
)


def test_a_nested_stack_in_a_bucket_is_passed_over_and_told(stack):
    with stack(NESTED.replace("HERE", "https://s3.amazonaws.com/bucket/net.yaml")) as it:
        assert create(it).presence is Presence.READY
        assert "the nested stack Net is passed over" in notes(it)


def test_a_nested_stack_in_a_local_file_fails_as_in_aws(stack):
    with stack(NESTED.replace("HERE", "net.yaml")) as it:
        assert "TemplateURL must be a supported URL." in create(it).detail


def test_the_same_seed_makes_the_same_stack(stack):
    def story():
        with stack() as it:
            create(it)
            it.wait(minutes=5)
            return events(it), it.way.facts(), it.world.notes, it.world.clock.now()

    assert story() == story()


def test_an_answer_of_cloudformation_costs_no_more_virtual_time_than_any_call(stack):
    with stack(latency=timedelta(milliseconds=100)) as it:
        before = it.world.clock.now()
        it.way.create()
        assert it.world.clock.now() - before == timedelta(milliseconds=200)
