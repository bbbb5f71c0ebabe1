"""GetTrafficMirroring: what it lists, and that it changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.request_texts import request
from tests.unit.aws.fake_ec2 import refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    Account,
    Metrics,
    Pool,
    RunningInstances,
    action,
    command,
)
from traffic_mirroring.errors import CallForbidden, Ec2Failed
from traffic_mirroring.flows.create import create
from traffic_mirroring.flows.listing import list_mirrors
from traffic_mirroring.models import (
    FilterRule,
    GetAction,
    PortRange,
)
from traffic_mirroring.request.parsing import parse_create, render
from traffic_mirroring.results import Traffic
from traffic_mirroring.topology import Attachments, Unchecked

OTHER_SOURCE = "eni-0000000c"
OTHER = replace(MIRROR, source_nic_id=OTHER_SOURCE)
RULES = (
    FilterRule("ingress", 6, "10.0.0.0/8", "0.0.0.0/0", PortRange(1, 2)),
    FilterRule("egress", None, "::/0", "::/0", action="reject"),
)


@pytest.fixture
def account():
    """Return an empty account."""
    return Account()


@pytest.fixture
def pool():
    """Return pools of which nothing is checked out."""
    return Pool()


def listing(account, pool, **changes):
    """Return the result of GetTrafficMirroring, which changes and takes nothing."""
    before = json.dumps(account.items), dict(pool.held)
    account.calls.clear()
    result = list_mirrors(command(account, pool, **changes), GetAction("7"))
    assert (json.dumps(account.items), dict(pool.held)) == before
    assert all(each.startswith("describe") for each in account.calls)
    return result


def mirror(account, pool, sandbox="res-1", mirror=MIRROR, number=None):
    """Create a mirror; return its session."""
    (result,) = create(command(account, pool, sandbox), [action(mirror, number)])
    return result.session


def test_a_sandbox_without_mirrors_has_an_empty_list(account, pool):
    """That is a success."""
    result = listing(account, pool)

    assert result.success
    assert (result.type, result.action_id) == ("GetTrafficMirroring", "7")
    assert result.mirrors == ()
    assert result.info == "Sessions of this sandbox: 0"


@pytest.mark.parametrize(
    "wanted",
    [
        MIRROR,
        replace(MIRROR, rules=RULES, packet_length=96),
        replace(MIRROR, virtual_network_id=4711),
    ],
    ids=["everything", "rules", "VXLAN network"],
)
def test_a_listed_mirror_can_be_sent_again_and_is_found(account, pool, wanted):
    """Its actionParams ask for the mirror that exists, with its number."""
    session = mirror(account, pool, mirror=wanted)

    answer = json.loads(render([listing(account, pool)]))
    (listed,) = answer["driverResponse"]["actionResults"][0]["mirrors"]
    params = listed["actionParams"]
    again = parse_create(
        request({"type": "CreateTrafficMirroring", "actionParams": params})
    )
    (result,) = create(command(account, pool), again)

    assert params["sessionNumber"] == listed["sessionNumber"] == session.number
    assert listed["sessionId"] == result.session.id == session.id
    assert all(each.startswith("describe") for each in account.calls)


def test_mirrors_are_in_the_order_of_source_and_number(account, pool):
    """The number decides which session of a source gets a packet."""
    for each, number in ((OTHER, 1), (MIRROR, 9), (MIRROR, 8)):
        rules = RULES[: number % 2 + 1]
        mirror(account, pool, mirror=replace(each, rules=rules), number=number)

    listed = [each.session for each in listing(account, pool).mirrors]

    assert [(each.source_nic_id, each.number) for each in listed] == [
        (SOURCE, 8),
        (SOURCE, 9),
        (OTHER_SOURCE, 1),
    ]


def test_only_this_sandboxs_mirrors_are_listed_also_on_a_target_of_another(
    account, pool
):
    """The target is another sandbox's, and the filter lost its tags."""
    mirror(account, pool, "res-2", OTHER)
    session = mirror(account, pool)
    account.items["filter"][session.filter_id]["Tags"] = []

    (listed,) = listing(account, pool).mirrors

    assert listed.session.id == session.id
    assert listed.target.destination == TARGET
    assert listed.filter.id == session.filter_id
    assert "can't be" not in " ".join(listed.warnings)


def test_a_session_whose_target_was_changed_is_listed_as_it_is(account, pool):
    """Its tags still name the old destination, whose NIC is looked up first."""
    session = mirror(account, pool)
    moved = account.add("target", NetworkInterfaceId="eni-0000000d", Tags=[])
    account.items["session"][session.id]["TrafficMirrorTargetId"] = moved

    result = listing(account, pool)

    assert result.mirrors[0].target.destination == "eni-0000000d"
    assert "can't be" not in " ".join(result.mirrors[0].warnings)
    assert f"target {session.target_id} on {TARGET}" in result.info


class Counted(RunningInstances):
    """Look-ups that remember which mirrors' NICs were looked up."""

    def __init__(self):
        super().__init__()
        self.looked_up = []

    def find_attachments(self, mirrors):
        self.looked_up.append(
            {nic for each in mirrors for nic in (each.source_nic_id, each.destination)}
        )
        return super().find_attachments(mirrors)


@pytest.mark.parametrize("creator", ["res-1", "res-2"])
@pytest.mark.parametrize("tagged", [True, False])
def test_nics_are_looked_up_once_if_the_target_or_tags_name_them(
    account, pool, creator, tagged
):
    """Only an untagged session on another sandbox's target needs a second look-up."""
    account.add(
        "target",
        NetworkInterfaceId=TARGET,
        Tags=[{"Key": "ReservationId", "Value": creator}],
    )
    session = mirror(account, pool)
    if not tagged:
        tags = [{"Key": "ReservationId", "Value": "res-1"}]
        account.items["session"][session.id]["Tags"] = tags
    lookups = Counted()

    result = listing(account, pool, lookups=lookups)

    assert [each.session.id for each in result.mirrors] == [session.id]
    assert "can't be" not in " ".join(result.mirrors[0].warnings)
    first = [] if tagged or creator == "res-1" else [{SOURCE}]
    assert lookups.looked_up == [*first, {SOURCE, TARGET}]


def test_what_exists_without_a_session_is_named(account, pool):
    """A filter with its mirror, and a target; not a target that another uses."""
    mirror(account, pool)
    gone = mirror(account, pool, mirror=replace(OTHER, destination="eni-0000000e"))
    del account.items["session"][gone.id]
    shared = mirror(account, pool, mirror=replace(OTHER, destination="eni-0000000f"))
    mirror(account, pool, "res-2", replace(MIRROR, destination="eni-0000000f"))
    del account.items["session"][shared.id]
    del account.items["filter"][shared.filter_id]

    info = listing(account, pool).info.split("; ")

    assert info[:2] == [
        "Sessions of this sandbox: 1",
        "without a session, for CleanupSandboxInfra to remove: filter "
        f"{gone.filter_id} (number 1 of {OTHER_SOURCE}), target {gone.target_id} on "
        "eni-0000000e",
    ]


def test_a_filter_that_was_deleted_is_a_warning(account, pool):
    """The rest of the mirror is listed."""
    session = mirror(account, pool)
    account.items["filter"].clear()

    (listed,) = listing(account, pool).mirrors

    assert listed.warnings == (
        "warning: no request can express this mirror: its filter "
        f"{session.filter_id} can't be found",
    )


@pytest.mark.parametrize("kind", ["session", "filter", "target"])
def test_what_ec2_lists_late_is_looked_up_again(account, pool, kind):
    """A mirror that was just created is neither incomplete nor an orphan."""
    session = mirror(account, pool)
    listed_at_last = dict(account.items[kind])
    account.items[kind].clear()
    looks = []
    original = account.page

    def list_late(operation, filters):
        if operation == f"describe_traffic_mirror_{kind}s":
            looks.append(operation)
            if len(looks) == 3:
                account.items[kind].update(listed_at_last)
        return original(operation, filters)

    account.page = list_late

    result = list_mirrors(command(account, pool), GetAction("7"))

    assert [each.session.id for each in result.mirrors] == [session.id]
    assert "can't be found" not in " ".join(result.mirrors[0].warnings)
    assert "without a session" not in result.info


def test_traffic_is_that_of_the_sources_instance(account, pool):
    """Each instance is asked for once; one without data is named."""
    mirror(account, pool)
    mirror(account, pool, mirror=replace(MIRROR, rules=RULES))
    mirror(account, pool, mirror=OTHER)
    metrics = Metrics({f"i-{SOURCE}": (3, 200, 1)})

    result = listing(account, pool, cloudwatch=metrics)

    assert [each.traffic for each in result.mirrors] == [
        Traffic(3, 200, 1),
        Traffic(3, 200, 1),
        None,
    ]
    assert metrics.asked == [{f"i-{SOURCE}", f"i-{OTHER_SOURCE}"}]
    assert result.info.endswith(
        f"no traffic figures of i-{OTHER_SOURCE} (CloudWatch has no data of the last "
        "15 minutes)"
    )


def forbidden():
    """Return the error of a call without permission."""
    error = CallForbidden("Looking up metrics", "no", code="AccessDenied")
    error.permission = "cloudwatch:GetMetricData"
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (forbidden(), "cloudwatch:GetMetricData is not allowed"),
        (Ec2Failed("Looking up metrics", "no answer"), "Looking up metrics: no answer"),
        (KeyError("Values"), "Unexpected KeyError"),
    ],
)
def test_without_figures_the_mirrors_are_listed(account, pool, error, why):
    """CloudWatch is optional; the message says why there are no figures."""
    mirror(account, pool)

    result = listing(account, pool, cloudwatch=Metrics(error=error))

    assert result.success
    assert result.mirrors[0].traffic is None
    assert f"no traffic figures ({why}" in result.info


class NothingSeen(RunningInstances):
    """Look-ups that aren't allowed."""

    def find_attachments(self, mirrors):  # noqa: ARG002 - the real one's
        unchecked = Unchecked("no")
        return Attachments(unchecked, unchecked)


def test_without_look_ups_the_mirrors_are_listed_with_what_is_unchecked(account, pool):
    """The instance is unknown, so there are no figures either."""
    mirror(account, pool)

    result = listing(account, pool, lookups=NothingSeen())

    assert any(each.startswith("not checked: ") for each in result.mirrors[0].warnings)
    assert f"no traffic figures of {SOURCE} (the instance is unknown)" in result.info


def test_a_failing_look_up_fails_the_action(account, pool):
    """An incomplete list would look complete."""
    mirror(account, pool)
    account.errors["describe_traffic_mirror_filters"] = [refused("InternalError")]

    result = listing(account, pool)

    assert (result.type, result.action_id) == ("GetTrafficMirroring", "7")
    assert not result.success
    assert "InternalError" in result.error
    assert result.mirrors == ()


def test_the_number_of_look_ups_does_not_grow_with_the_mirrors(account, pool):
    """Three look-ups find everything that the sandbox created."""
    for number in range(20):
        source = f"eni-{number:08}"
        mirror(account, pool, mirror=replace(MIRROR, source_nic_id=source))

    assert len(listing(account, pool).mirrors) == 20
    assert sum(account.calls.values()) == 3
