"""Apps with a second NIC."""

from __future__ import annotations

from emulator.cloudshell import Nic


def attach_nic(client, app, key="nic"):
    """Attach another NIC to an App, listed before its primary one; return its id."""
    subnet = app.nics[0].subnet_id
    made = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    nic = Nic(made["NetworkInterfaceId"], subnet, made["PrivateIpAddress"], key=key)
    client.attach_network_interface(
        NetworkInterfaceId=nic.id, InstanceId=app.instance_id, DeviceIndex=1
    )
    app.nics.insert(0, nic)
    return nic.id
