"""Every operation of every service is answered by us, left to moto on purpose, or fails loudly. None in silence."""

import pytest
from botocore import xform_name

from sim.cloud import SERVICES, WHOLE, NotModelled
from tests.cloud.conftest import opened

ALL = {service.name: service for service in (*SERVICES, *WHOLE)}


@pytest.fixture(scope="module")
def it():
    with opened(route53_quotas={"burst": 1000}) as cloud:
        yield cloud


def ours(service):
    """The operations that the service file answers."""
    return {name.removeprefix("on_") for name in dir(ALL[service]) if name.startswith("on_")}


def operations(it, service):
    """Method name -> operation name, as botocore knows them."""
    return {xform_name(name): name for name in it.client(service).meta.service_model.operation_names}


def left(it, service):
    """Those that neither we nor moto shall answer."""
    known = ours(service) | ALL[service].moto
    return {method: name for method, name in operations(it, service).items() if method not in known}


@pytest.mark.parametrize("service", ALL)
def test_what_we_answer_or_leave_to_moto_exists(service, it):
    assert ours(service) | ALL[service].moto <= operations(it, service).keys()


@pytest.mark.parametrize("service", ALL)
def test_nothing_is_both_answered_and_left_to_moto(service):
    assert not ours(service) & ALL[service].moto


@pytest.mark.parametrize("service", ALL)
def test_every_other_operation_fails_loudly(service, it):
    """All of them, asked past the client: what it is asked with must not matter."""
    others = left(it, service)
    assert len(others) > 5
    for name in others.values():
        with pytest.raises(NotModelled, match=f"{service}:{name} "):
            it.cloud.services[service].before(name, {})


@pytest.mark.parametrize("service", ALL)
def test_it_fails_as_loudly_through_the_engines_own_client(service, it):
    """One operation that needs no parameters, if the service has any."""
    client = it.client(service)
    model = client.meta.service_model
    for method, name in sorted(left(it, service).items()):
        shape = model.operation_model(name).input_shape
        if shape is None or not shape.required_members:
            with pytest.raises(NotModelled, match=f"{service}:{name} "):
                getattr(client, method)()
            return
    pytest.fail(f"every other operation of {service} needs parameters: choose one by hand")


@pytest.mark.parametrize(
    ("service", "method"),
    [("rds", "describe_db_instances"), ("codedeploy", "list_applications"), ("sqs", "list_queues")],
)
def test_a_service_that_the_rehearsal_does_not_have_fails_loudly(service, method, it):
    with pytest.raises(NotModelled, match=f"no {service}"):
        getattr(it.client(service), method)()
