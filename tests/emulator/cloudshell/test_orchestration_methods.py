"""The API methods of setup and teardown scripts, and the mistakes they reject."""

import pytest
from cloudshell.api.cloudshell_api import DeployAppInput
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import App, Nic, Reservation, Resource
from emulator.cloudshell.methods.orchestration import STAGES


@pytest.fixture
def requested(cloudshell):
    """Return a sandbox with one App that is not deployed yet."""
    nics = [Nic("eni-1", "subnet-1", "10.0.0.4", primary=True, key="NIC")]
    app = App("web_1a2b3c4d", "i-1", nics, app_name="web")
    return cloudshell.add_reservation(Reservation("new", requested=[app]))


def describe(session, sandbox):
    """Return the details of a sandbox."""
    return session.GetReservationDetails(sandbox.id, True).ReservationDescription


def deploy(session, sandbox, name="web", deployed="web"):
    """Deploy an App as the default setup does."""
    inputs = [DeployAppInput(name, "Name", deployed)]
    return session.DeployAppToCloudProviderBulk(sandbox.id, [name], inputs)


def test_the_stages_of_a_setup_are_kept(session, sandbox):
    """The sandbox's details show the last stage."""
    for stage in STAGES[:3]:
        session.SetSetupStage(stage, sandbox.id)

    assert sandbox.setup_stages == ["Preparation", "Provisioning", "Connectivity"]
    assert describe(session, sandbox).SetupStage == "Connectivity"


def test_an_app_is_a_resource_once_it_is_deployed(session, requested):
    """A requested App has deployment paths, a deployed one a name and NICs."""
    before = describe(session, requested)
    (item,) = deploy(session, requested).ResultItems
    after = describe(session, requested)

    (app,) = before.Apps
    (path,) = app.DeploymentPaths
    attributes = {each.Name: each.Value for each in path.DeploymentService.Attributes}
    assert (app.Name, before.Resources) == ("web", [])
    assert attributes["Wait for IP"] == "True"
    assert item.Success
    assert (item.AppName, item.Error) == ("web", "")
    assert item.AppDeploymentyInfo.LogicalResourceName == "web_1a2b3c4d"
    (resource,) = after.Resources
    assert after.Apps == []
    assert (resource.Name, resource.AppDetails.AppName) == ("web_1a2b3c4d", "web")
    (network,) = resource.VmDetails.NetworkData
    assert [each.Name for each in network.AdditionalData] == [
        "ip",
        "public ip",
        "elastic ip",
        "mac address",
        "nic",
        "device index",
    ]


def test_a_deployed_app_can_be_run_refreshed_and_removed(session, sandbox):
    """The calls of the default workflows succeed in their order."""
    for command, tag in (
        ("PowerOn", "power"),
        ("remote_refresh_ip", "remote_connectivity"),
        ("PowerOff", "power"),
    ):
        done = session.ExecuteResourceConnectedCommand(sandbox.id, "web", command, tag)
        assert done.Output == ""
    session.RefreshVMDetails(sandbox.id, ["web"])
    assert session.RemapConnections(sandbox.id, ["web"]).ResultItems == []
    assert session.ConfigureAppsV2(sandbox.id).ResultItems == []
    session.RemoveResourcesFromReservation(sandbox.id, ["web"])

    assert sandbox.apps == []
    assert [each.Name for each in describe(session, sandbox).Resources] == ["AWS"]


def test_resources_are_found_by_their_model(cloudshell, session):
    """No resource is a valid result, too."""
    for name, model in (("AWS", "M2"), ("switch", "M3"), ("AWS 2", "M2")):
        cloudshell.add_resource(Resource(name, model=model))

    found = session.FindResources(resourceModel="M2").Resources

    assert [each.Name for each in found] == ["AWS", "AWS 2"]
    assert {each.ResourceModelName for each in found} == {"M2"}
    assert session.FindResources(resourceModel="M4").Resources == []


@pytest.mark.parametrize(
    ("method", "arguments", "complaint"),
    [
        ("SetSetupStage", ("Setup", "{id}"), "no setup stage 'Setup', use Preparation"),
        ("SetSetupStage", ("Ended", "res-9"), "no reservation 'res-9'"),
        ("PrepareSandboxConnectivity", ("res-9",), "no reservation 'res-9'"),
        ("CleanupSandboxConnectivity", ("res-9",), "no reservation 'res-9'"),
        ("DeployAppToCloudProviderBulk", ("{id}", ["db"]), "no App to deploy 'db'"),
        ("ConfigureAppsV2", ("res-9",), "no reservation 'res-9'"),
        ("RefreshVMDetails", ("{id}", ["db", "a"]), "no deployed App 'a', 'db'"),
        ("RemapConnections", ("{id}", ["AWS"]), "no deployed App 'AWS'"),
        ("RemoveResourcesFromReservation", ("{id}", ["db"]), "no deployed App 'db'"),
        (
            "ExecuteResourceConnectedCommand",
            ("{id}", "db", "PowerOn", "power"),
            "no deployed App 'db'",
        ),
        (
            "ExecuteResourceConnectedCommand",
            ("{id}", "web", "PowerOn", "remote_connectivity"),
            "no connected command 'PowerOn' with tag 'remote_connectivity'",
        ),
        ("FindResources", (), "by resourceModel only"),
        ("FindResources", ("CS_CloudProvider", "M2"), "by resourceModel only"),
    ],
)
def test_what_is_unknown_is_refused(session, sandbox, method, arguments, complaint):
    """A script's mistake is found here, not on a real server."""
    known = [sandbox.id if each == "{id}" else each for each in arguments]
    with pytest.raises(CloudShellAPIError, match=complaint):
        getattr(session, method)(*known)


def test_an_app_is_deployed_by_its_own_name(session, requested):
    """The caller can't choose the name of a deployed App."""
    with pytest.raises(CloudShellAPIError, match="the App's own name"):
        deploy(session, requested, deployed="other")
    assert requested.apps == []


@pytest.mark.usefixtures("sandbox")
def test_an_app_has_no_driver_to_discover_it(session):
    """The default setup ignores this error only."""
    with pytest.raises(CloudShellAPIError, match="has no driver") as caught:
        session.AutoLoad("web")
    assert caught.value.code == "129"


def test_an_ended_sandbox_has_no_setup(cloudshell, session, sandbox):
    """Nothing can be deployed or configured in it."""
    cloudshell.end_reservation(sandbox.id)
    with pytest.raises(CloudShellAPIError, match="has ended"):
        session.SetSetupStage("Ended", sandbox.id)
