"""
API methods that setup and teardown scripts call, apart from commands.

Owns: setup stages, deploying Apps, connectivity. Must not know: drivers.

These are the methods that the default workflows of cloudshell-orch-core need. They
don't change machines: an App that is deployed has its instance already.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.envelope import add, response_info
from emulator.cloudshell.errors import ApiError
from emulator.cloudshell.methods.method import Call, Method
from emulator.cloudshell.model import App, Reservation

STAGES = ("Preparation", "Provisioning", "Connectivity", "Configuration", "Ended")

# The tags of connected commands.
_CONNECTED = {
    "PowerOn": "power",
    "PowerOff": "power",
    "remote_refresh_ip": "remote_connectivity",
}
# The search parameters of FindResources that are not emulated.
_NOT_SEARCHED = (
    "resourceFamily",
    "resourceFullName",
    "resourceAddress",
    "resourceUniqueIdentifier",
)


def _set_setup_stage(call: Call) -> None:
    reservation, stage = _running(call), call.arguments.text("setupStage")
    if stage not in STAGES:
        raise ApiError(f"There is no setup stage {stage!r}, use {', '.join(STAGES)}")
    reservation.setup_stages.append(stage)


def _only_check(call: Call) -> None:
    _running(call)


def _deploy_apps(call: Call) -> ET.Element:
    reservation, names = _running(call), call.arguments.texts("appNames")
    requested = {app.blueprint_name: app for app in reservation.requested}
    _refuse_unknown(names, requested, "App to deploy")
    # CloudShell makes the name unique by itself; here the model contains the result.
    expected = {f"{name}.Name": name for name in names}
    if call.arguments.inputs("commandInputs") != expected:
        raise ApiError("Each App needs one input, Name, with the App's own name")
    info = response_info("BulkAppDeploymentyInfo")
    items = add(info, "ResultItems")
    for name in names:
        app = requested[name]
        reservation.requested.remove(app)
        reservation.apps.append(app)
        _add_deployed(items, app)
    return info


def _add_deployed(items: ET.Element, app: App) -> None:
    name = app.blueprint_name
    item = add(items, "ResultItem", AppName=name, Success="true", Error="")
    add(
        item,
        "AppDeploymentyInfo",
        LogicalResourceName=app.name,
        VmUuid=app.instance_id,
        CloudProviderResourceName=app.cloud_provider,
    )


def _run_connected_command(call: Call) -> ET.Element:
    text = call.arguments.text
    _deployed(call, [text("resourceFullPath")])
    command, tag = text("commandName"), text("commandTag")
    if _CONNECTED.get(command) != tag:
        raise ApiError(f"There is no connected command {command!r} with tag {tag!r}")
    return response_info("CommandExecutionCompletedResultInfo", Output="")


def _refresh_vm_details(call: Call) -> None:
    _deployed(call, call.arguments.texts("deployedAppNames"))


def _remap_connections(call: Call) -> ET.Element:
    _deployed(call, call.arguments.texts("resourcesFullPath"))
    return _without_results(call, "RemapConnectionResultInfo")


def _configure_apps(call: Call) -> ET.Element:
    return _without_results(call, "ConfigureAppsInfo")


def _remove_resources(call: Call) -> ET.Element:
    names = call.arguments.texts("resourcesFullPath")
    reservation, apps = _running(call), _deployed(call, names)
    reservation.apps[:] = [app for app in reservation.apps if app not in apps]
    return response_info("ReserveResourcesResponseInfo")


def _find_resources(call: Call) -> ET.Element:
    model = call.arguments.text("resourceModel")
    others = [each for each in _NOT_SEARCHED if call.arguments.text(each)]
    if not model or others or call.arguments.texts("attributeValues"):
        raise ApiError("The emulator's FindResources searches by resourceModel only")
    info = response_info("FindResourceListInfo")
    resources = add(info, "Resources")
    for each in call.state.inventory.find_resources(model):
        add(
            resources,
            "FindResourceInfo",
            Name=each.name,
            FullName=each.name,
            FullPath=each.name,
            ResourceFamilyName=each.family,
            ResourceModelName=each.model,
        )
    return info


def _running(call: Call) -> Reservation:
    key = call.arguments.text("reservationId")
    reservation = call.state.inventory.get_reservation(key)
    if reservation.ended:
        raise ApiError(f"The reservation has ended: {key}")
    return reservation


def _deployed(call: Call, names: list[str]) -> list[App]:
    apps = {app.name: app for app in _running(call).apps}
    _refuse_unknown(names, apps, "deployed App")
    return [apps[name] for name in names]


def _refuse_unknown(names: list[str], known: Iterable[str], what: str) -> None:
    unknown = sorted(set(names).difference(known))
    if unknown:
        raise ApiError(f"The sandbox has no {what} {', '.join(map(repr, unknown))}")


def _without_results(call: Call, kind: str) -> ET.Element:
    _running(call)
    info = response_info(kind)
    add(info, "ResultItems")
    return info


_RESERVATION = Parameter("reservationId")
_PRINT = Parameter("printOutput", Kind.FLAG)
METHODS = (
    Method(
        "SetSetupStage",
        (Parameter("setupStage"), _RESERVATION),
        _set_setup_stage,
        rest=True,
    ),
    Method("PrepareSandboxConnectivity", (_RESERVATION,), _only_check, rest=True),
    Method("CleanupSandboxConnectivity", (_RESERVATION,), _only_check, rest=True),
    Method(
        "DeployAppToCloudProviderBulk",
        (
            _RESERVATION,
            Parameter("appNames", Kind.TEXTS),
            Parameter("commandInputs", Kind.APP_INPUTS),
            _PRINT,
        ),
        _deploy_apps,
    ),
    Method(
        "ExecuteResourceConnectedCommand",
        (
            _RESERVATION,
            Parameter("resourceFullPath"),
            Parameter("commandName"),
            Parameter("commandTag"),
            Parameter("parameterValues", Kind.TEXTS),
            Parameter("connectedPortsFullPath", Kind.TEXTS),
            _PRINT,
        ),
        _run_connected_command,
        rest=True,
    ),
    Method(
        "RefreshVMDetails",
        (_RESERVATION, Parameter("deployedAppNames", Kind.TEXTS)),
        _refresh_vm_details,
        rest=True,
    ),
    Method(
        "RemapConnections",
        (_RESERVATION, Parameter("resourcesFullPath", Kind.TEXTS), _PRINT),
        _remap_connections,
        rest=True,
    ),
    Method(
        "ConfigureAppsV2",
        # The default workflow sends an empty list; anything else is rejected.
        (_RESERVATION, Parameter("appConfigurationsData", Kind.TEXTS), _PRINT),
        _configure_apps,
        rest=True,
    ),
    Method(
        "RemoveResourcesFromReservation",
        (
            _RESERVATION,
            Parameter("resourcesFullPath", Kind.TEXTS),
            Parameter("deleteDeployedApps", Kind.FLAG),
        ),
        _remove_resources,
        rest=True,
    ),
    Method(
        "FindResources",
        (
            Parameter("resourceFamily"),
            Parameter("resourceModel"),
            Parameter("attributeValues", Kind.TEXTS),
            Parameter("showAllDomains", Kind.FLAG),
            Parameter("resourceFullName"),
            Parameter("exactName", Kind.FLAG),
            Parameter("includeSubResources", Kind.FLAG),
            Parameter("resourceAddress"),
            Parameter("resourceUniqueIdentifier"),
            Parameter("maxResults"),
            Parameter("includeExcludedResources", Kind.FLAG),
        ),
        _find_resources,
    ),
)
