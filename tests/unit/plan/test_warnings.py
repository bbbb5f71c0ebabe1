"""Warnings about rules, instance types, load balancers and missing NICs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.plan.two_nics import (
    ARN,
    BALANCER_NIC,
    GROUP_ARN,
    MIRROR,
    NETWORK,
    NOT_ALLOWED,
    SOURCE,
    WEB,
    A,
    B,
    attachments,
)
from traffic_mirroring.models import FilterRule, Mirror
from traffic_mirroring.plan.warnings import find_legs, find_warnings
from traffic_mirroring.topology import AllowedSources

TO_BALANCER = Mirror(A, ARN)


@pytest.mark.parametrize("mirror", [MIRROR, TO_BALANCER, Mirror(A, "vpce-00000001")])
def test_a_mirror_that_works_has_no_warnings(mirror):
    """What is behind a gateway load balancer endpoint can't be seen."""
    assert find_warnings(mirror, attachments(), NETWORK) == []


@pytest.mark.parametrize(
    ("around", "named"),
    [
        (attachments(web=replace(WEB, type="m7g.large")), ""),
        (attachments(web=replace(WEB, type="t2.micro")), "is on a t2.micro instance"),
        (
            attachments(web=replace(WEB, type="c8g.large")),
            "a type of Nitro version 2 to 4",
        ),
        (replace(attachments(), instances=NOT_ALLOWED), "not checked: whether the in"),
        (attachments(web=None), ""),
    ],
)
def test_a_type_that_can_not_be_mirrored_is_named(around, named):
    """AWS accepts the session, and mirrors nothing."""
    notes = find_warnings(MIRROR, around, NETWORK)

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"listeners": {}}, "no UDP listener on port 4789"),
        ({"listeners": NOT_ALLOWED}, f"not checked: whether {ARN} listens"),
        ({"healthy": {GROUP_ARN: False}}, f"is healthy ({GROUP_ARN})"),
        ({"healthy": {}}, "no target behind the UDP listener"),
        ({"healthy": NOT_ALLOWED}, f"not checked: whether a target of {ARN}"),
        ({"listeners": {ARN: frozenset()}}, "(no target group)"),
        ({"listeners": {ARN: frozenset({"other", GROUP_ARN})}}, ""),
    ],
)
def test_a_load_balancer_that_forwards_nothing_is_named(changes, named):
    """It needs a UDP listener, and a healthy target behind it."""
    notes = find_warnings(TO_BALANCER, attachments(), replace(NETWORK, **changes))

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


def with_balancer(*nics):
    """Return NICs in front of the load balancer."""
    return replace(attachments(), balancer_nics={ARN: nics})


def test_each_nic_of_a_load_balancer_is_checked_and_equal_notes_are_given_once():
    """It has one in each of its subnets, with the same groups."""
    grouped = replace(BALANCER_NIC, group_ids=frozenset({"sg-lb"}))
    second = replace(grouped, id="eni-0000000d", subnet_id="subnet-3")
    closed = replace(NETWORK, allowed_sources={"sg-lb": AllowedSources()})

    notes = find_warnings(TO_BALANCER, with_balancer(grouped, second), closed)

    assert [note.split(":")[0] for note in notes] == ["warning", "not checked"]
    assert f"UDP 4789 of {ARN} is not open" in notes[0]
    assert "subnet-3 can't be seen" in notes[1]


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (replace(attachments(), balancer_nics=NOT_ALLOWED), "ec2:Look"),
        (
            replace(attachments(), balancer_nics={}),
            f"(the NICs of {ARN} can't be seen)",
        ),
        (replace(attachments(), nics=NOT_ALLOWED), "ec2:Look"),
        (attachments(source=None), f"{A} can't be seen"),
    ],
)
def test_a_load_balancer_whose_nics_are_unknown_leaves_the_path_unchecked(
    around, reason
):
    """Another account may share it."""
    (note,) = find_warnings(TO_BALANCER, around, NETWORK)

    assert note.startswith(f"not checked: whether UDP 4789 of {ARN} is open to {A}")
    assert reason in note
    assert find_legs(TO_BALANCER, around) == []


def test_a_source_without_ipv4_is_named():
    """AWS mirrors nothing from subnets with IPv6 only."""
    around = attachments(source=replace(SOURCE, address=""))

    (note,) = find_warnings(MIRROR, around, NETWORK)

    assert "no IPv4 address" in note
    assert find_legs(MIRROR, around) == []


REJECT = FilterRule("ingress", None, "0.0.0.0/0", "0.0.0.0/0", action="reject")


@pytest.mark.parametrize(
    ("mirror", "warned"),
    [
        (Mirror(A, B, (REJECT,)), True),
        (Mirror(A, B, (REJECT, replace(REJECT, action="accept"))), False),
        (Mirror(A, B, (REJECT,), network_services=("amazon-dns",)), False),
    ],
)
def test_a_filter_that_accepts_nothing_is_named(mirror, warned):
    """Rejecting rules alone let nothing through."""
    notes = "".join(find_warnings(mirror, attachments(), NETWORK))

    assert ("nothing is mirrored" in notes) == warned


@pytest.mark.parametrize(
    ("around", "owner", "named"),
    [
        (replace(attachments(), nics=NOT_ALLOWED), "1111", "ec2:Look is not allowed"),
        (attachments(target=None), "2222", f"({B} can't be seen)"),
        (attachments(target=None), None, f"({B} can't be seen)"),
        (attachments(target=None), "1111", f"warning: {B} does not exist any more"),
    ],
)
def test_a_target_nic_is_gone_only_if_its_account_does_not_have_it(
    around, owner, named
):
    """The NIC of another account's shared target can't be seen."""
    (note,) = find_warnings(MIRROR, around, NETWORK, owner)

    assert named in note
