"""The calls of traffic mirroring, on a fake EC2 that keeps what is created."""

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.aws.fake_ec2 import FakeEc2, refused
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.errors import (
    Cancelled,
    Ec2Failed,
    Ec2InUse,
    Ec2NotFound,
    Ec2Unanswered,
)
from traffic_mirroring.models import FilterRule, Mirror, PortRange, SessionSpec

QUICK = RetryPolicy(max_attempts=4, first_wait=1, longest_wait=1)
TAGS = {"Name": "one", "ReservationId": "res-1"}
RULE = FilterRule("ingress", 6, "10.0.0.0/8", "0.0.0.0/0", PortRange(80, 81))
SILENCE = ReadTimeoutError(endpoint_url="x")
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0"


@pytest.fixture
def client():
    """Return an EC2 without any mirrors."""
    return FakeEc2()


@pytest.fixture
def ec2(client):
    """Return the product's calls to it."""
    return Ec2Mirroring(client, QUICK, lambda: None)


def create_all(ec2):
    """Create a mirror; return the ids of its target, filter and session."""
    target_id = ec2.create_target("eni-0000000b", TAGS)
    filter_id = ec2.create_filter(TAGS)
    ec2.create_rule(filter_id, 1, RULE, TAGS)
    ec2.add_services(filter_id, ["amazon-dns"])
    mirror = Mirror("eni-0000000a", "eni-0000000b", packet_length=100)
    spec = SessionSpec(mirror, target_id, filter_id, 7, "a text")
    session = QUICK.retry(
        lambda error: isinstance(error, Ec2NotFound) and error.is_target,
        lambda: ec2.create_session(spec, TAGS),
    )
    return target_id, filter_id, session.id


def test_a_mirror_is_created_with_all_that_it_consists_of(client, ec2):
    """EC2 gets every field under its own name, and no field without a value."""
    target_id, filter_id, session_id = create_all(ec2)

    assert client.items["target"][target_id]["NetworkInterfaceId"] == "eni-0000000b"
    assert client.rules == [
        {
            "TrafficMirrorFilterId": filter_id,
            "RuleNumber": 1,
            "TrafficDirection": "ingress",
            "RuleAction": "accept",
            "Protocol": 6,
            "SourceCidrBlock": "10.0.0.0/8",
            "DestinationCidrBlock": "0.0.0.0/0",
            "SourcePortRange": {"FromPort": 80, "ToPort": 81},
            "TagSpecifications": [
                {
                    "ResourceType": "traffic-mirror-filter-rule",
                    "Tags": client.items["filter"][filter_id]["Tags"],
                }
            ],
        }
    ]
    assert client.services == ["amazon-dns"]
    session = client.items["session"][session_id]
    assert (session["SessionNumber"], session["PacketLength"]) == (7, 100)
    assert "VirtualNetworkId" not in session


def test_ids_that_ec2_does_not_know_yet_are_retried(client, ec2):
    """EC2 is eventually consistent: a new id may be NotFound for a moment."""
    client.unknown_for = 2

    create_all(ec2)

    assert client.calls["create_traffic_mirror_filter_rule"] == 3


def test_services_are_added_to_a_filter_that_ec2_does_not_know_yet(client, ec2):
    """A filter without rules may have them, too."""
    client.unknown_for = 2

    ec2.add_services(ec2.create_filter(TAGS), ["amazon-dns"])

    assert client.services == ["amazon-dns"]


@pytest.mark.parametrize(
    "create",
    [
        lambda ec2: ec2.create_target("eni-0000000b", TAGS),
        lambda ec2: ec2.create_filter(TAGS),
        lambda ec2: ec2.create_rule("tmf-1", 1, RULE, TAGS),
        lambda ec2: ec2.add_services("tmf-1", ["amazon-dns"]),
    ],
)
def test_a_cancelled_command_creates_nothing(client, create):
    """Cancellation is checked before each create call."""

    def cancelled():
        raise Cancelled

    with pytest.raises(Cancelled):
        create(Ec2Mirroring(client, QUICK, cancelled))
    assert not client.calls


def test_targets_are_found_whatever_their_destination(client, ec2):
    """EC2 has no filter for endpoints, so all targets are read for them."""
    nic = client.add("target", NetworkInterfaceId="eni-0000000b")
    balancer = client.add("target", NetworkLoadBalancerArn=ARN)
    endpoint = client.add("target", GatewayLoadBalancerEndpointId="vpce-0000000c")
    client.add("target", NetworkInterfaceId="eni-0000000d")
    client.add("target", GatewayLoadBalancerEndpointId="vpce-0000000d")

    found = ec2.find_targets_to(["eni-0000000b", ARN, "vpce-0000000c"])

    assert {each.id for each in found} == {nic, balancer, endpoint}


def test_all_pages_are_read(client, ec2):
    """The fake has two items per page."""
    filters = {client.add("filter") for _ in range(5)}

    found = ec2.find_filters("traffic-mirror-filter-id", filters)

    assert {each.id for each in found} == filters


def test_values_are_sent_in_batches_without_duplicates(client, ec2):
    """EC2 takes at most 200 values; without values there is no call."""
    ec2.find_sessions("network-interface-id", [f"eni-{n:08x}" for n in range(201)] * 2)
    ec2.find_sessions("network-interface-id", [])

    assert [len(each["Values"]) for each in client.filters] == [200, 1]


@pytest.mark.parametrize("kind", ["session", "filter", "target"])
def test_deleting_what_is_gone_does_nothing(client, ec2, kind):
    """NotFound is believed if EC2 doesn't list the resource either."""
    assert not getattr(ec2, f"delete_{kind}")(f"tm{kind[0]}-0000000a")

    assert client.calls[f"delete_traffic_mirror_{kind}"] == 1


@pytest.mark.parametrize("kind", ["session", "filter", "target"])
def test_what_ec2_lists_but_does_not_know_yet_is_deleted(client, ec2, kind):
    """Another command may just have created it."""
    client.unknown_for = 2
    created = dict(zip(("target", "filter", "session"), create_all(ec2)))
    if kind != "session":
        client.items["session"].clear()

    assert getattr(ec2, f"delete_{kind}")(created[kind])

    assert created[kind] not in client.items[kind]


@pytest.mark.parametrize("kind", ["session", "filter", "target"])
def test_what_was_just_created_is_deleted_though_ec2_does_not_know_it_yet(
    client, ec2, kind
):
    """NotFound may only mean that EC2 isn't consistent yet."""
    client.unknown_for = 2
    created = dict(zip(("target", "filter", "session"), create_all(ec2)))
    if kind != "session":
        client.items["session"].clear()

    getattr(ec2, f"delete_{kind}")(created[kind], just_created=True)

    assert created[kind] not in client.items[kind]


def test_what_a_session_uses_is_not_deleted(client, ec2):
    """The caller learns so at once."""
    target_id, *_ = create_all(ec2)

    with pytest.raises(Ec2InUse, match=f"mirror target {target_id}: .*InUse"):
        ec2.delete_target(target_id)

    assert client.calls["delete_traffic_mirror_target"] == 1


@pytest.mark.parametrize("kind", ["target", "filter"])
@pytest.mark.parametrize("listed", [False, True])
def test_a_use_that_has_ended_is_retried(client, ec2, kind, listed):
    """EC2 may report it for a moment, and still list the deleted session."""
    created = dict(zip(("target", "filter", "session"), create_all(ec2)))
    session = client.items["session"].pop(created["session"])
    errors = [refused(f"TrafficMirror{kind.capitalize()}InUse") for _ in range(2)]
    client.errors = {f"delete_traffic_mirror_{kind}": errors}
    page = client.page
    if listed:
        client.page = lambda *call: [session, *page(*call)]

    delete = getattr(ec2, f"delete_{kind}")
    assert delete(created[kind], deleted={created["session"]})
    assert client.calls[f"delete_traffic_mirror_{kind}"] == 3


def test_a_use_that_never_ends_is_raised(client, ec2):
    """After the last attempt, though no session is listed."""
    target_id, *_ = create_all(ec2)
    client.items["session"].clear()
    errors = [refused("TrafficMirrorTargetInUse") for _ in range(9)]
    client.errors = {"delete_traffic_mirror_target": errors}

    with pytest.raises(Ec2InUse):
        ec2.delete_target(target_id)
    assert client.calls["delete_traffic_mirror_target"] == 4


def test_who_deletes_a_resource_knows_it(ec2):
    """The second caller learns that it was gone already."""
    *_, session_id = create_all(ec2)

    assert ec2.delete_session(session_id)
    assert not ec2.delete_session(session_id)


def test_a_deletion_without_response_is_checked(client, ec2):
    """If the resource is gone, the call has succeeded."""
    filter_id = client.add("filter")
    client.lost = {"delete_traffic_mirror_filter": SILENCE}

    ec2.delete_filter(filter_id)


def test_a_deletion_without_response_or_effect_is_an_error(client, ec2):
    """The resource still exists, and the caller must know."""
    filter_id = client.add("filter")
    client.errors = {"delete_traffic_mirror_filter": [SILENCE]}

    with pytest.raises(Ec2Unanswered, match=filter_id):
        ec2.delete_filter(filter_id)


def test_what_an_unanswered_call_created_is_deleted(client, ec2):
    """It is identified by name and reservation; others' resources are kept."""
    other = client.add(
        "target",
        Tags=[
            {"Key": "Name", "Value": "one"},
            {"Key": "ReservationId", "Value": "res-2"},
        ],
    )
    client.lost = {"create_traffic_mirror_target": SILENCE}
    with pytest.raises(Ec2Unanswered):
        ec2.create_target("eni-0000000b", TAGS)
    assert len(client.items["target"]) == 2

    ec2.delete_unconfirmed("target", TAGS)

    assert set(client.items["target"]) == {other}


def test_what_an_unanswered_call_created_is_deleted_though_ec2_forgets_it(client, ec2):
    """EC2 lists it once, and neither knows nor lists it for the next calls."""
    client.unknown_for = 2
    client.lost = {"create_traffic_mirror_target": SILENCE}
    with pytest.raises(Ec2Unanswered):
        ec2.create_target("eni-0000000b", TAGS)
    pages = iter([client.page("describe_traffic_mirror_targets", [])])
    client.page = lambda *_: next(pages, [])

    ec2.delete_unconfirmed("target", TAGS)

    assert client.items["target"] == {}


def test_nothing_is_deleted_if_the_unanswered_call_had_no_effect(client, ec2):
    """The search ends after a few attempts."""
    ec2.delete_unconfirmed("session", TAGS)

    assert client.calls == {"describe_traffic_mirror_sessions": 4}


@pytest.mark.parametrize(
    ("operation", "create", "action"),
    [
        (
            "create_traffic_mirror_target",
            lambda ec2: ec2.create_target("eni-0000000b", TAGS),
            "Creating a traffic mirror target on eni-0000000b",
        ),
        (
            "create_traffic_mirror_filter",
            lambda ec2: ec2.create_filter(TAGS),
            "Creating the traffic mirror filter one",
        ),
        (
            "create_traffic_mirror_filter_rule",
            lambda ec2: ec2.create_rule("tmf-1", 2, RULE, TAGS),
            "Creating rule 2 of traffic mirror filter tmf-1",
        ),
        (
            "modify_traffic_mirror_filter_network_services",
            lambda ec2: ec2.add_services("tmf-1", ["amazon-dns"]),
            "Adding amazon-dns to traffic mirror filter tmf-1",
        ),
        (
            "create_traffic_mirror_session",
            lambda ec2: ec2.create_session(
                SessionSpec(Mirror("eni-0000000a", "eni-b"), "tmt-1", "tmf-1", 7, ""),
                TAGS,
            ),
            "Creating traffic mirror session 7 of eni-0000000a",
        ),
    ],
)
def test_errors_name_the_action_and_the_code(client, ec2, operation, create, action):
    """The message starts with what was attempted on what."""
    client.items["target"]["tmt-1"] = client.items["filter"]["tmf-1"] = {}
    client.errors = {operation: [refused("Weird")]}

    with pytest.raises(Ec2Failed) as failure:
        create(ec2)

    assert str(failure.value) == f"{action}: Weird: no (request id req-1)"


def test_an_unknown_target_is_told_from_other_errors(client, ec2):
    """The caller can create the target again."""
    filter_id = client.add("filter")
    mirror = Mirror("eni-0000000a", "eni-0000000b")

    with pytest.raises(Ec2NotFound):
        ec2.create_session(SessionSpec(mirror, "tmt-1", filter_id, 1, ""), TAGS)


@pytest.mark.parametrize(
    ("look_up", "which", "by"),
    [
        (
            lambda ec2: ec2.find_sessions("network-interface-id", ["eni-1"]),
            "sessions",
            "by network-interface-id",
        ),
        (
            lambda ec2: ec2.find_filters("tag:ReservationId", ["res-1"]),
            "filters",
            "by tag:ReservationId",
        ),
        (
            lambda ec2: ec2.find_targets_to(["eni-1"]),
            "targets",
            "by network-interface-id",
        ),
        (lambda ec2: ec2.find_targets_to(["vpce-1"]), "targets", "to vpce-1"),
    ],
    ids=["sessions", "filters", "targets", "targets of an endpoint"],
)
def test_a_failed_look_up_says_what_was_looked_up(client, ec2, look_up, which, by):
    """Before EC2's code and message."""
    client.errors[f"describe_traffic_mirror_{which}"] = [refused("Unsupported")]

    with pytest.raises(Ec2Failed) as failure:
        look_up(ec2)

    assert str(failure.value).startswith(
        f"Looking up traffic mirror {which} {by}: Unsupported: no"
    )
