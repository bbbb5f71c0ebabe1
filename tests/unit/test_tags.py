"""Names, ownership tags and fingerprints."""

import pytest

from traffic_mirroring import tags
from traffic_mirroring.models import (
    CreateAction,
    Filter,
    FilterRule,
    Mirror,
    PortRange,
    Sandbox,
    Session,
    SessionNumber,
)

SANDBOX = Sandbox("res-1", "a blueprint", "an owner", "Global")
MIRROR = Mirror("eni-00000001", "eni-00000002")
ACTION = CreateAction("1", MIRROR)


def test_the_tags_are_the_stock_shells_and_three_of_our_own():
    """Either shell recognizes what the other created."""
    assert tags.filter_tags(SANDBOX, ACTION, 5) == {
        "Name": "filter-5_eni-00000001_eni-00000002",
        "CreatedBy": "Cloudshell",
        "Blueprint": "a blueprint",
        "Owner": "an owner",
        "Domain": "Global",
        "ReservationId": "res-1",
        "MirrorSource": "eni-00000001",
        "MirrorDestination": "eni-00000002",
        "MirrorSessionNumber": "5",
    }
    assert tags.target_tags(SANDBOX, "eni-00000002", {})["Name"] == "eni-00000002"
    assert tags.session_tags(SANDBOX, ACTION, 5) == {
        **tags.filter_tags(SANDBOX, ACTION, 5),
        "Name": "session-5_eni-00000001_eni-00000002",
        "MirrorFingerprint": tags.fingerprint(MIRROR),
    }


def test_a_value_longer_than_aws_allows_is_cut():
    """A blueprint with a long name can be mirrored in too: EC2 takes 256 characters."""
    sandbox = Sandbox("res-1", "b" * 300, "", "")

    assert len(tags.target_tags(sandbox, "eni-00000001", {})["Blueprint"]) == 256


RULE = FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0")


@pytest.mark.parametrize(
    "other",
    [
        Mirror("eni-00000003", "eni-00000002", (RULE,)),
        Mirror("eni-00000001", "eni-00000003", (RULE,)),
        Mirror("eni-00000001", "eni-00000002"),
        Mirror("eni-00000001", "eni-00000002", (RULE, RULE)),
        Mirror(
            "eni-00000001",
            "eni-00000002",
            (FilterRule("ingress", None, "0.0.0.0/0", "0.0.0.0/0"),),
        ),
        Mirror(
            "eni-00000001",
            "eni-00000002",
            (FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0", PortRange(1, 2)),),
        ),
        Mirror(
            "eni-00000001",
            "eni-00000002",
            (
                FilterRule(
                    "ingress", 6, "0.0.0.0/0", "0.0.0.0/0", None, PortRange(1, 2)
                ),
            ),
        ),
    ],
)
def test_different_mirrors_have_different_fingerprints(other):
    """A change of source, target or any rule changes the fingerprint."""
    mirror = Mirror("eni-00000001", "eni-00000002", (RULE,))

    assert tags.fingerprint(mirror) != tags.fingerprint(other)


def test_the_fingerprint_of_a_mirror_stays():
    """Mirrors made by this version must be recognized by later ones."""
    expected = "dcc47d60d403ee2d6e0f3d7ae27b960d"

    assert expected == tags.fingerprint(Mirror("eni-00000001", "eni-00000002", (RULE,)))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"CreatedBy": "Cloudshell"}, True),
        ({"CreatedBy": "CloudShell"}, True),
        ({"CreatedBy": "me"}, False),
        ({}, False),
    ],
)
def test_what_cloudshell_made_is_known_in_any_case(found, expected):
    """The stock shell and newer shells write CloudShell's name differently."""
    assert expected == tags.made_by_cloudshell(found)


def test_the_users_tags_are_those_that_no_system_sets():
    """AWS reserves aws: in any case, CloudShell the keys of ownership."""
    own = dict.fromkeys(tags.OWN_KEYS, "x")
    reserved = {"aws:cloudformation:stack-name": "x", "AWS:x": "x"}

    assert tags.user_tags({**own, **reserved, "cost": "42"}) == {"cost": "42"}


@pytest.mark.parametrize(
    ("found", "owner"),
    [
        ({"CreatedBy": "Cloudshell", "ReservationId": "res-7"}, "sandbox res-7"),
        ({"CreatedBy": "Ann", "ReservationId": "res-7"}, "someone outside CloudShell"),
        ({"CreatedBy": "Cloudshell"}, "someone outside CloudShell"),
        ({}, "someone outside CloudShell"),
    ],
)
def test_a_session_is_described_with_its_owner(found, owner):
    """Only CloudShell's tags name a sandbox."""
    session = Session(
        "tms-1", "eni-0000000a", "tmt-1", "tmf-1", SessionNumber(7), found
    )

    assert owner in tags.describe_session(session)


@pytest.mark.parametrize(
    ("found", "number"),
    [
        ({"MirrorSessionNumber": "5"}, 5),
        ({"MirrorSessionNumber": "x", "Name": "session-6_eni-0a_eni-0b"}, 6),
        ({"Name": "session-6_eni-0a_eni-0b"}, 6),
        ({"Name": "by hand"}, 7),
        ({}, 7),
    ],
    ids=["own tag", "changed tag", "stock shell's name", "other name", "no tags"],
)
def test_the_pools_number_is_read_from_tags_or_name(found, number):
    """EC2's own number, 7 here, may have been changed by hand."""
    session = Session(
        "tms-1", "eni-0000000a", "tmt-1", "tmf-1", SessionNumber(7), found
    )

    assert tags.requested_number(session) == number


OWN = {
    "MirrorSource": "eni-0a",
    "MirrorDestination": "eni-0b",
    "MirrorSessionNumber": "5",
}


@pytest.mark.parametrize(
    ("found", "mirror"),
    [
        ({**OWN, "Name": "by hand"}, ("eni-0a", "eni-0b", 5)),
        ({"Name": "filter-6_eni-0c_eni-0d"}, ("eni-0c", "eni-0d", 6)),
        ({"Name": "by hand"}, None),
        *[({key: value}, None) for key, value in OWN.items()],
        *[({**OWN, key: ""}, None) for key in OWN],
    ],
)
def test_the_mirror_of_a_filter_is_read_from_tags_or_name(found, mirror):
    """All parts of it or none."""
    assert tags.mirror_of(Filter("tmf-1", found)) == mirror


def test_a_filter_is_described_with_its_mirror():
    """If its tags have it."""
    assert (
        tags.describe_filter(Filter("tmf-1", OWN))
        == "filter tmf-1 (number 5 of eni-0a)"
    )
    assert tags.describe_filter(Filter("tmf-1", {})) == "filter tmf-1"
