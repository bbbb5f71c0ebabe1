"""The setup and teardown scripts of examples/, zipped and run as CloudShell does."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace

import pytest

from emulator.cloudshell import (
    CloudShellServer,
    Resource,
    free_address,
)
from emulator.faults import Fault
from emulator.lab import RESOURCE
from tests.environments import environment, need_python
from tests.scenario.conftest import EMPTY
from tests.scenario.sandbox_scripts import EXAMPLES, REQUIREMENTS, Scripts

RED = '<font color="red">'
WEB = {"sourceAppName": "web", "targetAppName": "capture"}
DB = {"sourceAppName": "db", "targetAppName": "capture"}


@pytest.fixture(scope="module")
def python():
    """Return CloudShell's Python version with the scripts' requirements installed."""
    return environment(need_python("3.9"), "-r", str(REQUIREMENTS))


@pytest.fixture
def scripts(world, python, tmp_path):
    """Return the scripts for a new sandbox."""
    return Scripts(world, python, tmp_path)


def test_setup_creates_the_mirrors_and_teardown_removes_them(scripts):
    """The shipped table works; teardown leaves EC2 and the pools empty."""
    done = scripts.set_up()
    mirrored, filters = scripts.mirrored(), scripts.world.filters
    ended = scripts.tear_down()

    assert (done.returncode, ended.returncode) == (0, 0), done.stdout + done.stderr
    capture = scripts.nic("capture")
    assert mirrored == {(scripts.nic("web"), capture), (scripts.nic("db"), capture)}
    rules = [rule for each in filters for rule in each["IngressFilterRules"]]
    assert {"FromPort": 5432, "ToPort": 5432} in [
        rule.get("DestinationPortRange") for rule in rules
    ]
    assert scripts.world.state == EMPTY
    assert scripts.sandbox.apps == []
    nics = f"mirrors {scripts.nic('web')} to {scripts.nic('capture')}"
    assert re.search(rf"\nweb to capture: Session tms-\w+ {nics} with", scripts.output)
    assert "Traffic mirroring: Removed of this sandbox: sessions 2" in scripts.output
    assert RED not in scripts.output


def test_mirrors_are_created_before_the_apps_are_configured(scripts):
    """The command runs after Connectivity, when the Apps are deployed and refreshed."""
    calls = scripts.world.lab.cloudshell.calls
    calls.clear()

    assert scripts.set_up(WEB).returncode == 0

    stages = "Preparation Provisioning Connectivity Configuration Ended".split()
    assert scripts.sandbox.setup_stages == stages
    set_stage = [index for index, name in enumerate(calls) if name == "SetSetupStage"]
    assert (
        calls.index("RefreshVMDetails") < calls.index("ExecuteCommand") < set_stage[3]
    )


def test_mirrors_are_removed_before_the_apps(scripts):
    """The command runs before the default teardown."""
    assert scripts.set_up(WEB).returncode == 0
    calls = scripts.world.lab.cloudshell.calls
    calls.clear()

    assert scripts.tear_down().returncode == 0

    output = scripts.sandbox.output
    assert calls.index("ExecuteCommand") < calls.index("RemoveResourcesFromReservation")
    (removed,) = (text for text in output if text.startswith("Traffic mirroring: "))
    assert output.index(removed) < output.index("Beginning sandbox teardown")


def test_an_app_may_be_deployed_by_its_name_in_the_blueprint(scripts):
    """CloudShell adds a suffix only if it is needed."""
    requested = scripts.sandbox.requested
    requested[:] = [replace(app, name=app.app_name) for app in requested]

    assert scripts.set_up(WEB).returncode == 0
    assert scripts.mirrored() == {(scripts.nic("web"), scripts.nic("capture"))}


def test_a_repeated_setup_creates_nothing(scripts):
    """Each mirror's existing session is returned."""
    table = [WEB, {**DB, "sessionNumber": 7}]
    assert scripts.set_up(*table).returncode == 0
    before = scripts.world.state
    assert scripts.world.held[scripts.nic("db")] == {7}
    scripts.world.ec2.clear_calls()

    assert scripts.set_up(*table).returncode == 0

    assert scripts.world.state == before
    assert not [call for call in scripts.world.ec2.calls if call.writes]


def test_the_primary_nic_is_used_unless_another_is_named(scripts):
    """CloudShell may list another NIC first; a NIC's id names any of them."""
    second = scripts.add_nic("web")
    named = {"sourceNicId": second, "targetAppName": "db"}

    assert scripts.set_up(WEB, named).returncode == 0

    primary = scripts.nics["web"][1].id
    mirrored = {(primary, scripts.nic("capture")), (second, scripts.nic("db"))}
    assert scripts.mirrored() == mirrored
    assert f"{second} to db: Session" in scripts.output


def test_a_table_that_does_not_fit_the_sandbox_fails_the_setup(scripts):
    """The mistake is reported with the Apps; the other mirrors are created."""
    wrong = {**WEB, "sourceAppName": "nobody"}

    done = scripts.set_up(WEB, wrong)

    assert done.returncode != 0
    assert f"{RED}nobody to capture: App 'nobody' can't be used" in scripts.output
    assert f"web_1a2b3c40 ({scripts.nic('web')}), db_" in scripts.output
    assert scripts.sandbox.setup_stages[-1] == "Connectivity"
    assert scripts.mirrored() == {(scripts.nic("web"), scripts.nic("capture"))}


def test_a_mirror_can_be_tried_before_it_is_created(scripts):
    """The output says what would be created, and nothing is."""
    assert scripts.set_up({**WEB, "dryRun": True}).returncode == 0

    assert "web to capture: Would create a session that mirrors" in scripts.output
    assert scripts.world.state == EMPTY


def test_a_field_that_the_shell_rejects_fails_the_setup(scripts):
    """The sandbox's output has the shell's error, and nothing is created."""
    done = scripts.set_up({**WEB, "packetlength": 96})

    assert done.returncode != 0
    assert f"{RED}Traffic mirroring failed: CreateTrafficMirroring: " in scripts.output
    assert "did you mean packetLength?" in scripts.output
    assert scripts.world.state == EMPTY


def test_a_failed_mirror_is_reported_and_fails_the_setup(scripts):
    """The other two mirrors are created, and teardown removes them."""
    mail = {**WEB, "sourceAppName": "mail"}
    fault = Fault("CreateTrafficMirrorSession", "OverTheLimit", "no <more>")
    scripts.world.ec2.faults.append(fault)

    done = scripts.set_up(WEB, DB, mail)

    requested = {
        (scripts.nic(app), scripts.nic("capture")) for app in ("web", "db", "mail")
    }
    ((source, _),) = requested - scripts.mirrored()
    (app,) = (each for each in ("web", "db", "mail") if scripts.nic(each) == source)
    assert len(scripts.mirrored()) == 2
    assert done.returncode != 0
    (error,) = (text for text in scripts.sandbox.output if "OverTheLimit" in text)
    assert re.match(rf"{RED}{app} to capture: .*no &lt;more&gt;", error)
    assert "1 of 3 mirrors failed" in done.stdout
    assert scripts.tear_down().returncode == 0
    assert scripts.world.state == EMPTY


@pytest.mark.parametrize(
    ("provider", "operation", "reason"),
    [
        (RESOURCE, "DeleteTrafficMirrorSession", "NotToday"),
        ("nobody", "", "There is no resource 'nobody'"),
    ],
)
def test_a_failed_cleanup_does_not_stop_the_teardown(
    scripts, provider, operation, reason
):
    """The error is shown in red, and the default teardown continues."""
    assert scripts.set_up(WEB, provider=RESOURCE).returncode == 0
    scripts.world.ec2.faults.append(Fault(operation, "NotToday", times=None))

    ended = scripts.tear_down(provider)

    assert ended.returncode == 0
    (error,) = (text for text in scripts.sandbox.output if RED in text)
    assert "was not cleaned up" in error
    assert reason in error
    assert scripts.sandbox.apps == []
    assert scripts.sandbox.output[-1] == "Sandbox teardown finished successfully"


@pytest.fixture(scope="module")
def mirroring():
    """Import the module that both scripts use."""
    spec = importlib.util.spec_from_file_location(
        "mirroring", EXAMPLES / "mirroring.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("mirror", "name"),
    [
        ({"sourceAppName": "web", "targetAppName": "capture"}, "web to capture"),
        ({"sourceNicId": "eni-1", "targetNicId": "eni-2"}, "eni-1 to eni-2"),
        ({"sourceAppName": "web", "networkLoadBalancerArn": "arn:1"}, "web to arn:1"),
        ({"sourceAppName": "", "targetNicId": None}, "? to ?"),
    ],
)
def test_a_mirror_is_named_by_its_source_and_target(mirroring, mirror, name):
    """The output shows the name; the shell gets the mirror as it is in the table."""
    action = mirroring.make_action(mirror)

    assert action["actionId"] == name
    assert action["actionParams"] == mirror


def test_the_provider_must_be_the_only_resource_of_its_model(mirroring):
    """With none or several the scripts fail instead of guessing a region."""
    with CloudShellServer(free_address()) as cloudshell:
        session = cloudshell.session()
        cloudshell.add_resource(Resource("switch", model="Switch"))

        with pytest.raises(
            mirroring.MirroringError,
            match=r"0 resources of the model AWS Traffic Mirroring \(none\)",
        ):
            mirroring.find_provider(session)
        cloudshell.add_resource(Resource("AWS", model=mirroring.MODEL))
        assert mirroring.find_provider(session) == "AWS"
        cloudshell.add_resource(Resource("AWS 2", model=mirroring.MODEL))
        with pytest.raises(
            mirroring.MirroringError,
            match=r"2 resources of the model AWS Traffic Mirroring \(AWS, AWS 2",
        ):
            mirroring.find_provider(session)
