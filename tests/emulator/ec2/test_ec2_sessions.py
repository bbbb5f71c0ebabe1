"""What the emulator allows for traffic mirror sessions."""

from __future__ import annotations

import re
from typing import Any

import pytest

from emulator.ec2 import Lags
from emulator.ec2.mirroring.sessions import free_virtual_network


def test_session_shows_what_it_was_given(lab: Any) -> None:
    """The response shows all fields of a session."""
    asked = {
        "NetworkInterfaceId": lab.nic(),
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
        "SessionNumber": 32766,
        "PacketLength": 1,
        "VirtualNetworkId": 16777215,
        "Description": "tap",
    }
    made = lab.session(**asked)
    session_id = made.pop("TrafficMirrorSessionId")
    assert re.fullmatch(r"tms-[0-9a-f]{17}", session_id)
    assert made == {**asked, "OwnerId": "123456789012", "Tags": []}


def test_defaults_depend_on_the_target(lab: Any) -> None:
    """Only a load balancer target sets a packet length; every session has a VNI."""
    to_nic = lab.session()
    to_balancer = lab.session(TrafficMirrorTargetId=lab.balancer_target())
    assert "PacketLength" not in to_nic
    assert to_balancer["PacketLength"] == 8500
    assert 1 <= to_nic["VirtualNetworkId"] <= 16777215
    assert to_nic["VirtualNetworkId"] != to_balancer["VirtualNetworkId"]


def test_free_network_id_is_found() -> None:
    """A random network id is never 0, and never one in use."""
    chosen = {free_virtual_network({1, 3}, highest=4) for _ in range(100)}
    assert chosen == {2, 4}


def test_a_chosen_network_id_may_be_shared(lab: Any) -> None:
    """Two sessions may have the same virtual network id."""
    first = lab.session(VirtualNetworkId=5)
    second = lab.session(VirtualNetworkId=5)
    assert first["VirtualNetworkId"] == second["VirtualNetworkId"] == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("SessionNumber", 0),
        ("SessionNumber", 32767),
        ("PacketLength", 0),
        ("PacketLength", 8501),
        ("VirtualNetworkId", 0),
        ("VirtualNetworkId", 16777216),
        ("Description", "x" * 256),
    ],
)
def test_number_out_of_range_is_refused(lab: Any, field: str, value: Any) -> None:
    """Numbers out of range are rejected, and nothing is created."""
    with lab.refused("InvalidParameterValue", field):
        lab.session(**{field: value})
    assert lab.session_ids() == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("NetworkInterfaceId", "eni-0123456789abcdef0", "InvalidNetworkInterfaceID"),
        (
            "TrafficMirrorTargetId",
            "tmt-0123456789abcdef0",
            "InvalidTrafficMirrorTargetId",
        ),
        (
            "TrafficMirrorFilterId",
            "tmf-0123456789abcdef0",
            "InvalidTrafficMirrorFilterId",
        ),
    ],
)
def test_what_a_session_joins_must_exist(
    lab: Any, field: str, value: str, code: str
) -> None:
    """Source, target and filter must exist."""
    with lab.refused(f"{code}.NotFound", value):
        lab.session(**{field: value})


def test_number_is_unique_per_source(lab: Any) -> None:
    """A number is unique per source, and the error names the other session."""
    first = lab.session(SessionNumber=3)
    lab.session(SessionNumber=3)
    with lab.refused("InvalidParameterValue", "3", first["TrafficMirrorSessionId"]):
        lab.session(SessionNumber=3, NetworkInterfaceId=first["NetworkInterfaceId"])


def test_source_carries_three_sessions(lab: Any) -> None:
    """The fourth session of a source gets the documented error."""
    nic = lab.nic()
    for number in (1, 2, 3):
        lab.session(SessionNumber=number, NetworkInterfaceId=nic)
    with lab.refused("TrafficMirrorSessionsPerInterfaceLimitExceeded", nic):
        lab.session(SessionNumber=4, NetworkInterfaceId=nic)
    assert len(lab.session_ids()) == 3


def test_interface_target_takes_ten_sources(lab: Any) -> None:
    """The eleventh source is rejected; a second session of the tenth is not."""
    joined = {
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
    }
    *sources, eleventh = lab.nics(11)
    for nic in sources:
        lab.session(NetworkInterfaceId=nic, **joined)
    with lab.refused(
        "TrafficMirrorSourcesPerTargetLimitExceeded",
        "Sources per interface-target limit reached (11)",
    ):
        lab.session(NetworkInterfaceId=eleventh, **joined)
    other = joined | {"TrafficMirrorFilterId": lab.filter()}
    lab.session(NetworkInterfaceId=sources[-1], SessionNumber=2, **other)
    balancer = joined | {"TrafficMirrorTargetId": lab.balancer_target()}
    for nic in [*sources, eleventh]:
        lab.session(NetworkInterfaceId=nic, SessionNumber=3, **balancer)
    assert len(lab.session_ids()) == 22


def test_equal_sessions_are_refused(ec2: Any, lab: Any, client: Any) -> None:
    """A source has no two sessions with the same target and filter."""
    first = lab.session()
    names = ("NetworkInterfaceId", "TrafficMirrorTargetId", "TrafficMirrorFilterId")
    equal = {name: first[name] for name in names}
    with lab.refused("InvalidParameterValue", first["TrafficMirrorSessionId"]):
        lab.session(SessionNumber=2, **equal)
    second = lab.session(
        SessionNumber=2, **equal | {"TrafficMirrorFilterId": lab.filter()}
    )
    change = {
        "TrafficMirrorSessionId": second["TrafficMirrorSessionId"],
        "TrafficMirrorFilterId": first["TrafficMirrorFilterId"],
    }
    with lab.refused("InvalidParameterValue", first["TrafficMirrorSessionId"]):
        client.modify_traffic_mirror_session(**change)
    ec2.settings.equal_sessions = True
    client.modify_traffic_mirror_session(**change)
    lab.session(SessionNumber=3, **equal)
    assert len(lab.session_ids()) == 3


def test_quotas_can_be_changed(ec2: Any, lab: Any) -> None:
    """Quotas can be changed."""
    ec2.settings.quotas.sessions_per_source = 1
    ec2.settings.quotas.sources_per_target = 1
    first = lab.session()
    with lab.refused("TrafficMirrorSessionsPerInterfaceLimitExceeded"):
        lab.session(NetworkInterfaceId=first["NetworkInterfaceId"], SessionNumber=2)
    with lab.refused("TrafficMirrorSourcesPerTargetLimitExceeded"):
        lab.session(TrafficMirrorTargetId=first["TrafficMirrorTargetId"])
    ec2.settings.quotas.sessions = 1
    with lab.refused("TrafficMirrorSessionLimitExceeded"):
        lab.session()


def test_source_and_target_are_never_one_interface(lab: Any) -> None:
    """An interface can't be mirrored to itself."""
    nic = lab.nic()
    with lab.refused("InvalidParameterCombination", nic):
        lab.session(NetworkInterfaceId=nic, TrafficMirrorTargetId=lab.target(nic))


def test_source_that_is_a_target_is_refused(lab: Any) -> None:
    """The interface of a target can't be a source, even if no session uses it."""
    nic = lab.nic()
    target = lab.target(nic)
    with lab.refused("InvalidNetworkInterface.InUse", "is in use by target", target):
        lab.session(NetworkInterfaceId=nic)


def test_source_must_be_attached(lab: Any) -> None:
    """A source that is not attached is rejected."""
    with lab.refused("IncorrectState"):
        lab.session(NetworkInterfaceId=lab.detached_nic())


def test_target_must_be_attached(lab: Any) -> None:
    """A target whose interface is not attached is rejected."""
    with lab.refused("InvalidTrafficMirrorTarget"):
        lab.session(TrafficMirrorTargetId=lab.target(lab.detached_nic()))


def test_target_instance_must_run(lab: Any, client: Any) -> None:
    """A target on a stopped instance is rejected until the instance runs."""
    (instance,) = lab.instances()
    nic = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    target = lab.target(nic)
    client.stop_instances(InstanceIds=[instance["InstanceId"]])
    with lab.refused("InvalidTrafficMirrorTarget", target):
        lab.session(TrafficMirrorTargetId=target)
    client.start_instances(InstanceIds=[instance["InstanceId"]])
    assert lab.session(TrafficMirrorTargetId=target)["SessionNumber"] == 1


def modify(lab: Any, session: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Modify a session, and check that Describe agrees with the response."""
    answer = lab.client.modify_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"], **changes
    )["TrafficMirrorSession"]
    found = lab.client.describe_traffic_mirror_sessions(
        TrafficMirrorSessionIds=[session["TrafficMirrorSessionId"]]
    )
    assert found["TrafficMirrorSessions"] == [answer]
    return answer


def test_session_can_be_modified_in_place(lab: Any) -> None:
    """Everything except the source can be changed; the id stays the same."""
    session = lab.session()
    changes = {
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
        "SessionNumber": 2,
        "PacketLength": 100,
        "VirtualNetworkId": 7,
        "Description": "moved",
    }
    assert modify(lab, session, **changes) == {**session, **changes}


def test_removed_fields_fall_back_to_their_defaults(lab: Any) -> None:
    """RemoveFields resets fields; a load balancer's length gets its default."""
    session = lab.session(PacketLength=9, VirtualNetworkId=7, Description="tap")
    fields = ["packet-length", "virtual-network-id", "description"]
    left = modify(lab, session, RemoveFields=fields)
    assert set(session) - set(left) == {"PacketLength", "Description"}
    assert left["VirtualNetworkId"] != 7
    moved = modify(lab, session, TrafficMirrorTargetId=lab.balancer_target())
    assert moved["PacketLength"] == 8500


def test_bad_modification_changes_nothing(lab: Any, client: Any) -> None:
    """A rejected modification does not change the session."""
    session = lab.session()
    source = {"NetworkInterfaceId": session["NetworkInterfaceId"]}
    lab.session(SessionNumber=2, **source)
    busy = lab.target(lab.detached_nic())
    cases = [
        ({}, "MissingParameter"),
        ({"SessionNumber": 2}, "InvalidParameterValue"),
        ({"PacketLength": 8501}, "InvalidParameterValue"),
        ({"RemoveFields": ["session-number"]}, "InvalidParameterValue"),
        (
            {"PacketLength": 5, "RemoveFields": ["packet-length"]},
            "InvalidParameterCombination",
        ),
        (
            {"TrafficMirrorTargetId": "tmt-0123456789abcdef0"},
            "InvalidTrafficMirrorTargetId.NotFound",
        ),
        (
            {"TrafficMirrorFilterId": "tmf-0123456789abcdef0"},
            "InvalidTrafficMirrorFilterId.NotFound",
        ),
        ({"TrafficMirrorTargetId": busy}, "InvalidTrafficMirrorTarget"),
    ]
    for changes, code in cases:
        with lab.refused(code):
            modify(lab, session, **changes)
    found = client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert found[0] == session


def test_modify_keeps_the_quota_of_the_new_target(ec2: Any, lab: Any) -> None:
    """A session can't be moved to a target with the maximum number of sources."""
    ec2.settings.quotas.sources_per_target = 1
    full, session = lab.session(), lab.session()
    with lab.refused("TrafficMirrorSourcesPerTargetLimitExceeded"):
        modify(lab, session, TrafficMirrorTargetId=full["TrafficMirrorTargetId"])


def test_deleting_a_session_leaves_target_and_filter(lab: Any, client: Any) -> None:
    """Only the session is deleted; deleting it again raises NotFound."""
    session = lab.session()
    asked = {"TrafficMirrorSessionId": session["TrafficMirrorSessionId"]}
    assert client.delete_traffic_mirror_session(**asked).items() >= asked.items()
    assert lab.session_ids() == []
    assert len(client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 1
    assert len(client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1
    with lab.refused("InvalidTrafficMirrorSessionId.NotFound"):
        client.delete_traffic_mirror_session(**asked)


def test_deleted_source_takes_its_sessions(lab: Any, client: Any) -> None:
    """Deleting an interface deletes the sessions of which it is the source."""
    gone, stays = lab.session(), lab.session()
    client.delete_network_interface(NetworkInterfaceId=gone["NetworkInterfaceId"])
    assert lab.session_ids() == [stays["TrafficMirrorSessionId"]]
    client.delete_traffic_mirror_target(
        TrafficMirrorTargetId=gone["TrafficMirrorTargetId"]
    )


def test_terminated_instance_takes_its_sessions(lab: Any, client: Any) -> None:
    """Termination deletes the session only if it deletes the interface."""
    subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
    instances, left = [], []
    for dies in (True, False):
        nic = {"DeviceIndex": 0, "SubnetId": subnet, "DeleteOnTermination": dies}
        (instance,) = client.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, NetworkInterfaces=[nic]
        )["Instances"]
        source = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
        instances.append(instance["InstanceId"])
        session = lab.session(NetworkInterfaceId=source)
        left += [] if dies else [session["TrafficMirrorSessionId"]]
    client.terminate_instances(InstanceIds=instances)
    assert lab.session_ids() == left


def test_deleted_target_interface_leaves_the_session(lab: Any, client: Any) -> None:
    """A target without its interface remains in use, and accepts no new session."""
    nic = lab.nic()
    target = lab.target(nic)
    session = lab.session(TrafficMirrorTargetId=target)
    client.delete_network_interface(NetworkInterfaceId=nic)
    assert lab.session_ids() == [session["TrafficMirrorSessionId"]]
    with lab.refused("TrafficMirrorTargetInUse"):
        client.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
    with lab.refused("InvalidTrafficMirrorTarget"):
        lab.session(TrafficMirrorTargetId=target)
    assert modify(lab, session, TrafficMirrorTargetId=lab.target())


def test_sources_on_some_instance_types_can_be_refused(ec2: Any, lab: Any) -> None:
    """All types are accepted by default; targets may have any type."""
    source, target = lab.nic(), lab.target()
    asked = {"NetworkInterfaceId": source, "TrafficMirrorTargetId": target}
    lab.session(**asked)
    ec2.settings.unsupported_source_types = frozenset({"t2.micro"})
    lab.session(SessionNumber=2, **asked)
    ec2.settings.unsupported_source_types = frozenset({"t2.micro", "t3.nano"})
    with lab.refused("UnsupportedOperation", source, "t3.nano"):
        lab.session(SessionNumber=3, **asked)
    assert len(lab.session_ids()) == 2


def test_the_interface_is_looked_at_first(ec2: Any, lab: Any) -> None:
    """If several things are wrong, the error is about the source."""
    ec2.settings.unknown_lag = Lags.of_all(5)
    with lab.refused("InvalidNetworkInterfaceID.NotFound"):
        lab.session(
            NetworkInterfaceId="eni-0123456789abcdef0",
            TrafficMirrorTargetId=lab.target(),
            TrafficMirrorFilterId="tmf-x",
            SessionNumber=0,
        )


def test_another_accounts_session_has_its_number(ec2: Any, lab: Any) -> None:
    """Its number can't be used on that source, though no session is listed."""
    nic, elsewhere = lab.nic(), lab.nic()
    ec2.settings.hidden_session_numbers[nic] = {1, 2}
    assert lab.session_ids() == []
    with lab.refused("InvalidParameterValue", "1", nic, "already being used"):
        lab.session(NetworkInterfaceId=nic)
    lab.session(NetworkInterfaceId=elsewhere)
    session = lab.session(NetworkInterfaceId=nic, SessionNumber=3)
    with lab.refused("InvalidParameterValue", "2", nic, "already being used"):
        modify(lab, session, SessionNumber=2)
    with lab.refused("TrafficMirrorSessionsPerInterfaceLimitExceeded"):
        lab.session(NetworkInterfaceId=nic, SessionNumber=4)


def test_another_accounts_source_is_no_target(ec2: Any, lab: Any) -> None:
    """A source of a session that isn't listed can't be a target."""
    nic = lab.nic()
    ec2.settings.hidden_session_numbers[nic] = {1}
    with lab.refused("InvalidNetworkInterface.InUse", nic):
        lab.target(nic)
