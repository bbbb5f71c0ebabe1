"""
Resources and sandboxes as XML.

Owns: the elements that describe them. Must not know: requests, changes.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.envelope import add, boolean, response_info
from emulator.cloudshell.inventory import Inventory
from emulator.cloudshell.model import App, Nic, Reservation, StoredResource

_DATE = "%m/%d/%Y %H:%M"
# The default setup reads these attributes of an App that it deploys.
_DEPLOYMENT_ATTRIBUTES = ("Autoload", "Auto Power On", "Wait for IP")


def describe_reservation(reservation: Reservation, inventory: Inventory) -> ET.Element:
    """Return the answer of GetReservationDetails."""
    info = response_info("GetReservationDescriptionResponseInfo")
    description = add(
        info,
        "ReservationDescription",
        Id=reservation.id,
        Name=reservation.name,
        Description=reservation.description,
        Owner=reservation.owner,
        DomainName=reservation.domain,
        **_progress(reservation),
    )
    topologies = add(description, "Topologies")
    add(topologies, "TopologyName").text = reservation.environment_name
    users = add(description, "PermittedUsers")
    add(users, "PermittedUser").text = reservation.owner
    resources = add(description, "Resources")
    for app in reservation.apps:
        _add_app(resources, app, reservation)
    for name in reservation.resources:
        _add_reserved(resources, inventory.get_resource(name))
    apps = add(description, "Apps")
    for app in reservation.requested:
        _add_requested(apps, app)
    for empty in ("Services", "Connectors", "RequestedRoutesInfo"):
        add(description, empty)
    if reservation.live_status:
        live = reservation.live_status
        add(description, "ReservationLiveStatus", ReservationLiveStatusName=live)
    return info


def describe_status(reservation: Reservation) -> ET.Element:
    """Return the answer of GetReservationStatus."""
    info = response_info("ReservationSlimStatusInfo")
    progress = _progress(reservation)
    slim = {"ReservationId": reservation.id, "Booked": "true", **progress}
    add(info, "ReservationSlimStatus", **slim)
    return info


def describe_resource(resource: StoredResource) -> ET.Element:
    """Return the answer of GetResourceDetails for a resource."""
    info = response_info(
        "ResourceInfo",
        Name=resource.name,
        Address=resource.address,
        FullAddress=resource.address,
        ResourceFamilyName=resource.family,
        ResourceModelName=resource.model,
        Description=resource.description,
        ResourceLiveStatusName=resource.live_status,
        ResourceLiveStatusDescription=resource.live_status_note,
    )
    attributes = add(info, "ResourceAttributes")
    for each in resource.attributes:
        scalars = {"Name": each.name, "Value": each.value, "Type": each.type}
        add(attributes, "ResourceAttribute", **scalars)
    for empty in ("Domains", "ChildResources", "LockInfo"):
        add(info, empty)
    return info


def describe_app(app: App, reservation: Reservation) -> ET.Element:
    """Return the answer of GetResourceDetails for a deployed App."""
    info = response_info(
        "ResourceInfo",
        Name=app.name,
        Address=_address(app),
        FullAddress=_address(app),
        ResourceFamilyName=app.family,
        ResourceModelName=app.model,
        CreatedInReservation=reservation.name,
        CreatedInReservationId=reservation.id,
    )
    _add_vm_details(info, app)
    for empty in ("ResourceAttributes", "Domains", "ChildResources", "LockInfo"):
        add(info, empty)
    return info


def _progress(reservation: Reservation) -> dict[str, str]:
    end = reservation.start + reservation.duration
    return {
        "StartTime": reservation.start.strftime(_DATE),
        "EndTime": end.strftime(_DATE),
        "Status": reservation.status,
        "ProvisioningStatus": "Ready",
        "SetupStage": next(reversed(reservation.setup_stages), "Ended"),
    }


def _add_requested(apps: ET.Element, app: App) -> None:
    requested = add(apps, "App", Name=app.blueprint_name)
    add(requested, "LogicalResource", Family=app.family, Model=app.model)
    paths = add(requested, "DeploymentPaths")
    path = add(paths, "DeploymentPath", Name="EC2 instance", IsDefault="true")
    service = add(path, "DeploymentService", CloudProvider=app.cloud_provider)
    attributes = add(service, "Attributes")
    for name in _DEPLOYMENT_ATTRIBUTES:
        add(attributes, "Attribute", Name=name, Value="True")


def _add_app(resources: ET.Element, app: App, reservation: Reservation) -> None:
    reserved = add(
        resources,
        "ReservedResource",
        Name=app.name,
        FullAddress=_address(app),
        ResourceFamilyName=app.family,
        ResourceModelName=app.model,
        CreatedInReservation=reservation.id,
    )
    _add_vm_details(reserved, app)
    add(reserved, "AppDetails", AppName=app.blueprint_name)


def _add_reserved(resources: ET.Element, resource: StoredResource) -> None:
    add(
        resources,
        "ReservedResource",
        Name=resource.name,
        FullAddress=resource.address,
        ResourceFamilyName=resource.family,
        ResourceModelName=resource.model,
    )


def _add_vm_details(parent: ET.Element, app: App) -> None:
    provider = app.cloud_provider
    details = add(
        parent, "VmDetails", UID=app.instance_id, CloudProviderFullName=provider
    )
    add(details, "VmCustomParams")
    add(details, "InstanceData")
    network = add(details, "NetworkData")
    for index, nic in enumerate(app.nics):
        _add_nic(network, nic, index)


def _add_nic(network: ET.Element, nic: Nic, index: int) -> None:
    interface = add(
        network,
        "VmDetailsNetworkInterface",
        NetworkId=nic.subnet_id,
        IsPrimary=boolean(nic.primary),
    )
    data = add(interface, "AdditionalData")
    values = {
        "IP": nic.address,
        "Public IP": "",
        "Elastic IP": "",
        "MAC Address": "",
        nic.key: nic.id,
        "Device Index": str(index),
    }
    for name, value in values.items():
        # CloudShell stores the names in lower case, whatever the provider sent.
        add(data, "AdditionalDataParam", Name=name.lower(), Value=value)


def _address(app: App) -> str:
    addresses = [nic.address for nic in app.nics if nic.primary and nic.address]
    return addresses[0] if addresses else "NA"
