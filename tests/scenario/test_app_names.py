"""Requests that name Apps: CloudShell says which NICs they have."""

from __future__ import annotations

from dataclasses import replace

from emulator.cloudshell import App, Nic
from tests.request_texts import create_action
from tests.scenario.conftest import EMPTY
from tests.scenario.ec2_resources import attach_nic


def between(source="web", target="capture", **params):
    """Return an action between two Apps."""
    names = {"sourceAppName": source, "targetAppName": target}
    return create_action(
        action_id=f"{source} to {target}",
        **{"sourceNicId": None, "targetNicId": None, **names, **params},
    )


def app(world, name):
    """Return an App of the sandbox."""
    return next(each for each in world.sandbox.apps if each.name == name)


def change(world, changed, **fields):
    """Change an App of the sandbox."""
    apps = world.sandbox.apps
    apps[:] = [
        replace(each, **fields) if each.name == changed else each for each in apps
    ]


def test_a_mirror_between_apps_is_the_one_between_their_nics(world):
    """It is found again by names, by ids, and by both."""
    (created,) = world.create(between())
    world.ec2.clear_calls()

    results = world.create(
        between(), world.mirror(), between(sourceNicId=world.nic("web"), source=None)
    )

    assert created["success"]
    (session,) = world.sessions
    assert session["NetworkInterfaceId"] == world.nic("web")
    assert {each["sessionId"] for each in results} == {created["sessionId"]}
    assert world.ec2.writes() == []
    assert world.nic("capture") in created["infoMessage"]


def test_one_look_up_serves_all_names_of_a_command(world):
    """A request without names needs none."""
    calls = world.lab.cloudshell.calls

    calls.clear()
    world.create(between(), between("db"), between("ids"))
    assert calls.count("GetReservationDetails") == 1

    calls.clear()
    world.create(world.mirror("ids", "capture", packetLength=9))
    assert calls.count("GetReservationDetails") == 0


def test_the_primary_nic_is_used(world):
    """Wherever CloudShell lists it, and whatever the case of its key in the report."""
    primary = world.nic("web")
    attach_nic(world.client, app(world, "web"), key="NIC")

    (result,) = world.create(between())

    assert result["success"]
    assert world.sessions[0]["NetworkInterfaceId"] == primary


def test_an_app_is_found_by_its_name_in_the_blueprint(world):
    """CloudShell adds a suffix to its own name if that is taken."""
    change(world, "web", name="web_1a2b3c4d", app_name="web")
    change(world, "capture", name="capture_5e6f", app_name="capture")

    by_blueprint, by_name = world.create(between(), between("web_1a2b3c4d"))

    assert by_blueprint["sessionId"] == by_name["sessionId"] != ""


def test_a_name_that_means_no_nic_fails_its_action_only(world):
    """Each error lists the Apps with their NICs; the other actions are carried out."""
    nic = world.nic("db")
    change(world, "db", app_name="pair")
    change(world, "ids", app_name="pair")
    world.sandbox.requested.append(App("late"))
    world.sandbox.apps += [
        App("bare", "i-0123"),
        App("vm", "42-0", [Nic("vmnic1", primary=True, key="MAC")], "vCenter"),
    ]
    reasons = {
        "Web": "the sandbox has no such App",
        "AWS": "the sandbox has no such App",
        "pair": "2 Apps are deployed from it: give one of db, ids",
        "late": "it is not deployed yet",
        "bare": "its VM details have no primary NIC",
        "vm": "AWS did not deploy it",
    }

    *failed, created = world.create(*(between(name) for name in reasons), between())

    for result, reason in zip(failed, reasons.values(), strict=True):
        assert not result["success"]
        assert result["sessionId"] == ""
        assert reason in result["errorMessage"]
        assert f"web ({world.nic('web')}), db ({nic})" in result["errorMessage"]
        assert "bare (no NIC), vm (no NIC)" in result["errorMessage"]
    assert created["success"]
    assert len(world.sessions) == 1


def test_an_app_of_another_sandbox_is_unknown(world):
    """Names mean the Apps of the command's own sandbox."""
    world.new_sandbox("far")

    (result,) = world.create(between("far"))

    assert "App 'far' can't be used" in result["errorMessage"]
    assert world.state == EMPTY


def test_an_app_can_not_mirror_to_its_own_nic(world):
    """The source is a name, the target its NIC's id."""
    nic = world.nic("web")

    (result,) = world.create(between(target=None, targetNicId=nic))

    assert f"{nic} can't be both source and target" in result["errorMessage"]
    assert world.state == EMPTY


def test_a_sandbox_that_changed_a_moment_ago_is_seen_as_it_is(world):
    """CloudShell keeps an answer for five seconds, unless the caller objects."""
    world.session.GetReservationDetails(world.sandbox.id, True)
    world.sandbox.apps += world.new_sandbox("new").apps

    (result,) = world.create(between("new"))

    assert result["success"]
