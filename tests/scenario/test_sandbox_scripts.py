"""The setup and teardown scripts of examples/: zips, run as by CloudShell."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import zipfile
from dataclasses import replace

import pytest

from emulator.cloudshell import (
    ADMIN,
    App,
    CloudShellServer,
    Reservation,
    Resource,
    free_address,
)
from emulator.faults import Fault
from emulator.lab import RESOURCE
from tests.environments import environment, need_python
from tests.scenario.conftest import EMPTY
from tests.scenario.second_nics import attach_nic
from tools.checkout import ROOT

EXAMPLES = ROOT / "examples"
REQUIREMENTS = EXAMPLES / "requirements.txt"
RED = '<font color="red">'
WEB = {"source": "web", "target": "capture"}
DB = {"source": "db", "target": "capture"}


@pytest.fixture(scope="module")
def python():
    """Return the Python of CloudShell's, with what the scripts require."""
    return environment(need_python("3.9"), "-r", str(REQUIREMENTS))


class Scripts:
    """A sandbox whose Apps its setup has yet to deploy, and its two scripts."""

    def __init__(self, world, python, folder) -> None:
        self.world = world
        self.sandbox = world.new_sandbox("web", "db", "capture", "mail")
        self.nics = {app.name: app.nics for app in self.sandbox.apps}
        self.sandbox.requested = [
            replace(app, name=f"{app.name}_1a2b3c4{number}", app_name=app.name)
            for number, app in enumerate(self.sandbox.apps)
        ]
        self.sandbox.apps = []
        self._python = python
        self._folder = folder

    @property
    def output(self):
        """What the sandbox's output shows."""
        return "\n".join(self.sandbox.output)

    def nic(self, app, number=0):
        """Return the id of an App's NIC."""
        return self.nics[app][number].id

    def add_nic(self, app):
        """Attach another NIC to an App's instance; return its id."""
        requested = next(a for a in self.sandbox.requested if a.app_name == app)
        return attach_nic(self.world.client, requested)

    def set_up(self, *mirrors, provider=""):
        """Run the setup script, with a table of one's own if one is given."""
        table = {"MIRRORS": list(mirrors)} if mirrors else {}
        return self._run("sandbox_setup", PROVIDER=provider, **table)

    def tear_down(self, provider=""):
        """Run the teardown script."""
        return self._run("sandbox_teardown", PROVIDER=provider)

    def mirrored(self):
        """Return the pairs of source and target NIC that stand in EC2."""
        targets = {
            each["TrafficMirrorTargetId"]: each["NetworkInterfaceId"]
            for each in self.world.targets
        }
        return {
            (each["NetworkInterfaceId"], targets[each["TrafficMirrorTargetId"]])
            for each in self.world.sessions
        }

    def _run(self, script, **constants):
        text = (EXAMPLES / script / "__main__.py").read_text()
        for name, value in constants.items():
            text = edit(text, name, value)
        archive = self._folder / f"{script}.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("__main__.py", text)
            file.write(EXAMPLES / "mirroring.py", "mirroring.py")
            file.write(REQUIREMENTS, "requirements.txt")
        return subprocess.run(
            [self._python, archive],
            env={
                **os.environ,
                "LOG_PATH": str(self._folder),
                **script_environment(self.world, self.sandbox),
            },
            capture_output=True,
            text=True,
            check=False,
        )


def edit(text, name, value):
    """Give a constant at the top of a script another value, as its user does."""
    pattern = rf"^{name} = (\[$.*?^\]|.*?)$"
    edited, count = re.subn(
        pattern, lambda _: f"{name} = {value!r}", text, flags=re.MULTILINE | re.DOTALL
    )
    assert count == 1
    return edited


def script_environment(world, sandbox):
    """Return the variables that CloudShell sets for a setup or teardown script."""
    contexts = {
        "qualiConnectivityContext": {
            "serverAddress": world.lab.cloudshell.host,
            "tsAPIPort": "8029",
            "tsAPIScheme": "http",
            "useWebapiEndpoint": "false",
            "adminUser": ADMIN.name,
            "adminPass": ADMIN.password,
            "adminAuthToken": world.session.authentication.xmlrpc_token,
        },
        "reservationContext": {
            "id": sandbox.id,
            "environmentName": sandbox.environment_name,
            "environmentPath": sandbox.environment_name,
            "domain": sandbox.domain,
            "description": sandbox.description,
            "ownerUser": sandbox.owner,
            "ownerPass": "",
            "runningUser": sandbox.owner,
            "savedSandboxId": "",
            "permittedUsers": [{"userName": sandbox.owner, "email": ADMIN.email}],
            "parameters": {
                "globalInputs": [],
                "resourceRequirements": [],
                "resourceAdditionalInfo": [],
            },
        },
        "reservationLifecycleContext": {
            "reservationId": sandbox.id,
            "savedSandboxName": "",
            "savedSandboxDescription": "",
            "currentUserName": sandbox.owner,
        },
    }
    return {name: json.dumps(context) for name, context in contexts.items()}


@pytest.fixture
def scripts(world, python, tmp_path):
    """Return the scripts, for a sandbox of their own."""
    return Scripts(world, python, tmp_path)


def test_a_sandbox_mirrors_from_setup_to_teardown(scripts):
    """The table as it is shipped; teardown leaves EC2 and the pools empty."""
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
    assert scripts.world.standing == EMPTY
    assert scripts.sandbox.apps == []
    assert f"web_1a2b3c40 {scripts.nic('web')} to capture_" in scripts.output
    assert "Traffic mirroring: Removed of this sandbox: sessions 2" in scripts.output
    assert RED not in scripts.output


def test_mirrors_stand_before_the_apps_are_configured(scripts):
    """The command runs after Connectivity, when the Apps are deployed and refreshed."""
    calls = scripts.world.lab.cloudshell.calls
    calls.clear()

    assert scripts.set_up(WEB).returncode == 0

    stages = "Preparation Provisioning Connectivity Configuration Ended".split()
    assert scripts.sandbox.setup_stages == stages
    told = [index for index, name in enumerate(calls) if name == "SetSetupStage"]
    assert calls.index("RefreshVMDetails") < calls.index("ExecuteCommand") < told[3]


def test_mirrors_go_before_the_apps_do(scripts):
    """The command runs before the default teardown touches anything."""
    assert scripts.set_up(WEB).returncode == 0
    calls = scripts.world.lab.cloudshell.calls
    calls.clear()

    assert scripts.tear_down().returncode == 0

    told = scripts.sandbox.output
    assert calls.index("ExecuteCommand") < calls.index("RemoveResourcesFromReservation")
    (removed,) = (text for text in told if text.startswith("Traffic mirroring: "))
    assert told.index(removed) < told.index("Beginning sandbox teardown")


def test_an_app_may_be_deployed_by_its_name_in_the_blueprint(scripts):
    """CloudShell adds a suffix only where it needs one."""
    requested = scripts.sandbox.requested
    requested[:] = [replace(app, name=app.app_name) for app in requested]

    assert scripts.set_up(WEB).returncode == 0
    assert scripts.mirrored() == {(scripts.nic("web"), scripts.nic("capture"))}


def test_a_setup_that_runs_again_makes_nothing_twice(scripts):
    """Each mirror is answered with the session that stands, number and all."""
    table = [WEB, {**DB, "sessionNumber": 7}]
    assert scripts.set_up(*table).returncode == 0
    standing = scripts.world.standing
    assert scripts.world.held[scripts.nic("db")] == {7}
    scripts.world.ec2.clear_calls()

    assert scripts.set_up(*table).returncode == 0

    assert scripts.world.standing == standing
    assert not [call for call in scripts.world.ec2.calls if call.writes]


def test_the_primary_nic_is_meant_unless_another_is_named(scripts):
    """CloudShell may list another NIC first; 1 is the one after the primary."""
    second = scripts.add_nic("web")
    named = {**WEB, "source": "WEB", "target": "db", "source_nic": 1, "target_nic": 0}

    assert scripts.set_up(WEB, named).returncode == 0

    primary = scripts.nics["web"][1].id
    mirrored = {(primary, scripts.nic("capture")), (second, scripts.nic("db"))}
    assert scripts.mirrored() == mirrored


def test_every_nic_of_a_source_is_mirrored_whatever_the_case_of_its_key(scripts):
    """The stock shell's own code writes NIC, its guide reads nic."""
    scripts.add_nic("web")
    nics = scripts.nics["web"]
    nics[:] = [replace(nic, key="NIC") for nic in nics]

    assert scripts.set_up({**WEB, "source_nic": "every"}).returncode == 0

    capture = scripts.nic("capture")
    assert scripts.mirrored() == {(nic.id, capture) for nic in nics}


def test_a_table_that_does_not_fit_the_sandbox_fails_the_setup(scripts):
    """All that is wrong is told at once, and nothing is made."""
    done = scripts.set_up(
        WEB,
        {"source": "nobody", "target": "capture"},
        {**DB, "source_nic": 1},
        {**DB, "target_nic": "every"},
    )

    assert done.returncode != 0
    assert "no deployed App 'nobody'; it has web_1a2b3c40, db_" in scripts.output
    assert "db_1a2b3c41 has no NIC 1; use" in scripts.output
    assert "The target capture_1a2b3c42 takes one NIC" in scripts.output
    assert scripts.sandbox.setup_stages[-1] == "Connectivity"
    assert scripts.world.standing == EMPTY


def test_a_field_that_the_shell_refuses_fails_the_setup(scripts):
    """The shell's own words reach the sandbox's output, and nothing is made."""
    done = scripts.set_up({**WEB, "packetlength": 96})

    assert done.returncode != 0
    assert f"{RED}Traffic mirroring failed: CreateTrafficMirroring: " in scripts.output
    assert "did you mean packetLength?" in scripts.output
    assert scripts.world.standing == EMPTY


def test_one_mirror_of_three_that_fails_is_named_with_its_reason(scripts):
    """The others stand, the setup fails, and teardown removes them all the same."""
    mail = {"source": "mail", "target": "capture"}
    fault = Fault("CreateTrafficMirrorSession", "OverTheLimit", "no <more>")
    scripts.world.ec2.faults.append(fault)

    done = scripts.set_up(WEB, DB, mail)

    asked = {
        (scripts.nic(app), scripts.nic("capture")) for app in ("web", "db", "mail")
    }
    ((source, target),) = asked - scripts.mirrored()
    assert len(scripts.mirrored()) == 2
    assert done.returncode != 0
    (told,) = (text for text in scripts.sandbox.output if "OverTheLimit" in text)
    assert re.match(rf"{RED}\w+ {source} to \w+ {target}: .*no &lt;more&gt;", told)
    assert "1 of 3 mirrors failed" in done.stdout
    assert scripts.tear_down().returncode == 0
    assert scripts.world.standing == EMPTY


@pytest.mark.parametrize(
    ("provider", "operation", "reason"),
    [
        (RESOURCE, "DeleteTrafficMirrorSession", "NotToday"),
        ("nobody", "", "There is no resource 'nobody'"),
    ],
)
def test_a_sandbox_ends_though_its_mirrors_are_not_cleaned_up(
    scripts, provider, operation, reason
):
    """It is told in red, and the default teardown goes on."""
    assert scripts.set_up(WEB, provider=RESOURCE).returncode == 0
    scripts.world.ec2.faults.append(Fault(operation, "NotToday", times=None))

    ended = scripts.tear_down(provider)

    assert ended.returncode == 0
    (told,) = (text for text in scripts.sandbox.output if RED in text)
    assert "was not cleaned up" in told
    assert reason in told
    assert scripts.sandbox.apps == []
    assert scripts.sandbox.output[-1] == "Sandbox teardown finished successfully"


@pytest.fixture(scope="module")
def mirroring():
    """Return the module that both scripts share."""
    spec = importlib.util.spec_from_file_location(
        "mirroring", EXAMPLES / "mirroring.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("deployed", "wanted", "found"),
    [
        ({"web": ""}, "Web", "web"),
        ({"web_46906455": "", "web-face": ""}, "web", None),
        ({"web_46906455": "", "web server": ""}, "web", "web_46906455"),
        ({"web 1a2b-3c4d": "", "web-db": ""}, "web", "web 1a2b-3c4d"),
        ({"web_46906455": "old web", "a": "web"}, "web", "a"),
        ({"web": "old web", "a": "web"}, "web", "web"),
        ({"a": "web", "b": "web"}, "web", None),
        ({"webserver": "", "my web": ""}, "web", None),
        ({"web": ""}, "", None),
    ],
)
def test_an_app_is_found_by_its_name(world, mirroring, deployed, wanted, found):
    """By the deployed name, the blueprint's, a suffixed one; never by a guess."""
    apps = [App(name, app_name=origin) for name, origin in deployed.items()]
    sandbox = world.lab.cloudshell.add_reservation(Reservation("names", apps=apps))
    details = world.session.GetReservationDetails(sandbox.id, True)
    resources = details.ReservationDescription.Resources

    try:
        name = mirroring.find_app(resources, wanted).Name
    except mirroring.MirroringError:
        name = None

    assert name == found


def test_the_provider_is_the_only_resource_of_its_model(mirroring):
    """The scripts don't guess in which region the Apps are."""
    with CloudShellServer(free_address()) as cloudshell:
        session = cloudshell.session()
        cloudshell.add_resource(Resource("switch", model="Switch"))

        with pytest.raises(mirroring.MirroringError, match=r"0 resources \(none\)"):
            mirroring.find_provider(session)
        cloudshell.add_resource(Resource("AWS", model=mirroring.MODEL))
        assert mirroring.find_provider(session) == "AWS"
        cloudshell.add_resource(Resource("AWS 2", model=mirroring.MODEL))
        with pytest.raises(mirroring.MirroringError, match=r"2 resources \(AWS, AWS 2"):
            mirroring.find_provider(session)
