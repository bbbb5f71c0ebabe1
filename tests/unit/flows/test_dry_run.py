"""Dry runs: the answers are those of a real run in the conditional; nothing changes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.unit.aws.fake_ec2 import refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    Account,
    Pool,
    RunningInstances,
    action,
    apps_of,
    command,
)
from traffic_mirroring.errors import Cancelled
from traffic_mirroring.flows.create import create
from traffic_mirroring.models import (
    AppName,
    FilterRule,
    Mirror,
    NamedAction,
    NamedMirror,
    PortRange,
)


class SilentPool(Pool):
    """A pool that fails the test if it is called."""

    def _fail(self):
        raise AssertionError("A dry run must not use the pool")


DRY = action(dry_run=True)
NARROW = replace(MIRROR, packet_length=9)


def tried(account):
    """Return the operations of which EC2 got dry runs."""
    return sorted(
        name.removeprefix("create_traffic_mirror_") for name, _ in account.dry_runs
    )


def test_a_dry_run_says_what_would_be_created(account):
    """It takes no number, creates nothing and writes no message."""
    silent = SilentPool()

    (result,) = create(command(account, silent), [DRY])

    assert (result.type, result.action_id) == ("CreateTrafficMirroring", "1")
    assert result.success
    assert result.session is None
    assert result.info.partition("; ")[0] == (
        f"Would create a session that mirrors {SOURCE} to {TARGET} with session number "
        "1 or the next free one and a new VXLAN network, on a new target"
    )
    assert account.counts == (0, 0, 0)
    assert tried(account) == ["filter", "filter_rule", "session", "target"]
    assert silent.messages == []


def test_what_the_request_gives_is_in_the_answer(account, pool):
    """Its number and VXLAN network, and the target that exists."""
    target_id = account.add("target", NetworkInterfaceId=TARGET)
    mirror = replace(MIRROR, virtual_network_id=77)

    (result,) = create(command(account, pool), [action(mirror, 5, dry_run=True)])

    assert "with session number 5 and VXLAN network 77, on the exist" in result.info
    assert f"the existing target {target_id}" in result.info
    assert tried(account) == ["filter", "filter_rule", "session"]
    (session,) = [
        parameters for name, parameters in account.dry_runs if "session" in name
    ]
    assert session["TrafficMirrorTargetId"] == target_id
    assert session["SessionNumber"] == 5
    assert session["Description"] == f"5_{SOURCE}_{TARGET}"


def test_a_dry_run_sends_what_a_real_run_would(account, pool):
    """Policies may depend on tags, for example; ids of what is new are made up."""
    rule = FilterRule("egress", 6, "10.0.0.0/8", "0.0.0.0/0", PortRange(1, 2))
    wanted = replace(action(Mirror(SOURCE, TARGET, (rule,), 96, 77)), tags={"a": "b"})
    real = {}

    class Recording(Account):
        """EC2 that remembers the parameters of the calls."""

        def _begin(self, operation, parameters=()):
            real[operation] = dict(parameters)
            super()._begin(operation, parameters)

    create(command(Recording(), pool), [wanted])
    create(command(account, SilentPool()), [replace(wanted, dry_run=True)])

    assert len(account.dry_runs) == 4
    for operation, tried in account.dry_runs:
        assert tried.pop("DryRun")
        for key in ("TrafficMirrorFilterId", "TrafficMirrorTargetId"):
            if key in tried:
                assert re.fullmatch("tm[ft]-[0-9a-f]{17}", tried.pop(key))
                del real[operation][key]
        assert tried == real[operation]


def test_network_services_are_tried_as_well(account, pool):
    """They need a permission of their own."""
    mirror = replace(MIRROR, network_services=("amazon-dns",))
    operation = "modify_traffic_mirror_filter_network_services"
    account.errors[operation] = [refused("UnauthorizedOperation", "Modify")]

    (result,) = create(command(account, pool), [action(mirror, dry_run=True)])

    assert "Adding amazon-dns to a new traffic mirror filter: Unauthor" in result.error


@pytest.mark.parametrize("kind", ["target", "filter", "filter_rule", "session"])
def test_a_missing_permission_is_an_error(account, pool, kind):
    """The session id stays empty."""
    operation = f"create_traffic_mirror_{kind}"
    account.errors[operation] = [refused("UnauthorizedOperation", "Create")]

    (result,) = create(command(account, pool), [DRY])

    assert "UnauthorizedOperation: no" in result.error
    assert result.session is None


def test_an_existing_mirror_is_found_as_without_dry_run(account, pool):
    """With its session; drift is an error as well."""
    (real,) = create(command(account, pool), [action()])

    (dry,) = create(command(account, SilentPool()), [DRY])
    assert (dry.session, dry.error) == (real.session, None)
    assert dry.info == real.info

    account.items["session"][real.session.id]["PacketLength"] = 9
    (drifted,) = create(command(account, SilentPool()), [DRY])
    assert "has been changed since" in drifted.error
    assert account.dry_runs == []


def test_dry_runs_of_one_request_count_for_each_other(account):
    """Numbers, equal mirrors, and the limit per source."""
    more = [replace(MIRROR, packet_length=length) for length in (9, 10, 11)]

    results = create(
        command(account, SilentPool()),
        [DRY, DRY, *(action(each, dry_run=True) for each in more)],
    )

    assert results[0].info == results[1].info
    assert "number 2 or" in results[2].info
    assert "; actions[2] also mirrors" in results[0].info
    assert "; actions[0] also mirrors" in results[2].info
    assert "number 3 or" in results[3].info
    assert "has the 3 sessions that AWS allows" in results[4].error


def test_dry_and_real_actions_of_one_request_do_what_each_says(account, pool):
    """The dry ones see the others, which don't see them."""
    dry = action(NARROW, dry_run=True)

    before, real, after = create(command(account, pool), [dry, action(), DRY])

    assert real.session.number == 1
    assert "with session number 2 or the next" in before.info
    assert after.session.id == real.session.id
    assert account.counts == (1, 1, 1)
    assert pool.held == {(SOURCE, 1): "res-1"}


def test_a_starting_target_is_not_waited_for(account):
    """The command that creates the mirror waits."""
    silent = SilentPool()
    lookups = RunningInstances({TARGET: ["pending"]})

    (result,) = create(command(account, silent, lookups=lookups), [DRY])

    assert result.success
    assert silent.messages == []


def test_warnings_are_those_of_a_real_run(account, pool):
    """They follow what would be created."""
    (dry,) = create(command(account, pool), [DRY])
    (real,) = create(command(account, pool), [action()])

    assert "; warning: UDP 4789" in dry.info
    assert dry.info.partition("; ")[2] == real.info.partition("; ")[2]


def test_an_obstacle_is_the_same_error(account, pool):
    """A source that is a target, in one wording."""
    account.add("target", NetworkInterfaceId=SOURCE)

    (real,) = create(command(account, pool), [action()])
    (dry,) = create(command(account, pool), [DRY])

    assert dry.error == real.error
    assert "can't be a source" in dry.error


def test_a_dry_run_may_name_apps(account):
    """The answer has their NICs."""
    wanted = NamedAction(
        "1", NamedMirror(AppName("web"), AppName("capture")), dry_run=True
    )
    apps = apps_of({"web": SOURCE, "capture": TARGET})

    (result,) = create(command(account, SilentPool(), find_apps=apps), [wanted])

    assert f"mirrors {SOURCE} to {TARGET}" in result.info


def test_a_cancelled_command_fails_its_dry_runs(account, pool):
    """And creates nothing."""

    def cancel():
        raise Cancelled

    context = command(account, pool)
    context = replace(
        context,
        check_cancelled=cancel,
        dry_runs=type(context.dry_runs)(account, cancel),
    )
    other = Mirror("eni-0000000c", TARGET)

    results = create(context, [DRY, action(other)])

    assert ["cancelled" in result.error for result in results] == [True, True]
    assert account.counts == (0, 0, 0)
