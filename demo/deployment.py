"""
The sandbox for a request of the reader's own, with everything that the request names.

Owns: deploying Apps, load balancers and endpoints under the ids in the request.
Must not know: the steps of the demo, packets.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from demo.request import RequestFile
from emulator.cloudshell import App, Reservation
from emulator.lab import Lab

_VXLAN_PORT = 4789
_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


def deploy_request(lab: Lab, name: str, request: RequestFile) -> Reservation:
    """
    Start a sandbox with the Apps, load balancers and endpoints of a request.

    Behind each load balancer is an App. The security groups of the Apps are open, so
    that only the filter rules decide which packets are mirrored.
    """
    balanced = {_app_behind(arn): arn for arn in request.load_balancers}
    named: dict[str, str | None] = dict.fromkeys((*request.apps, *balanced))
    free_names = (each for each in map("app-{}".format, count(1)) if each not in named)
    apps = {**dict(zip(free_names, request.nics, strict=False)), **named}
    sandbox = lab.deploy(name, apps or {"app-1": None})
    _open_groups(lab, sandbox.apps[0])
    for app in sandbox.apps:
        if app.name in balanced:
            _create_load_balancer(lab, balanced[app.name], app)
    for endpoint in request.endpoints:
        _create_endpoint(lab, endpoint, sandbox.apps[0])
    return sandbox


def _app_behind(arn: str) -> str:
    return f"behind {'/'.join(arn.split('/')[-2:])}"


def _open_groups(lab: Lab, app: App) -> None:
    """Open the group of all Apps to everybody, in both directions."""
    (group,) = _interface(lab, app)["Groups"]
    everybody: Any = [
        {
            "IpProtocol": "-1",
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        }
    ]
    client, group_id = lab.client, group["GroupId"]
    client.authorize_security_group_ingress(GroupId=group_id, IpPermissions=everybody)
    del everybody[0]["IpRanges"]  # outgoing IPv4 is open already
    client.authorize_security_group_egress(GroupId=group_id, IpPermissions=everybody)


def _create_load_balancer(lab: Lab, arn: str, app: App) -> None:
    """Create a network load balancer with this ARN, and an App behind it."""
    elb = lab.ec2.service_client("elbv2")
    nic = _interface(lab, app)
    # The names of two load balancers in a request may be equal, App names are not.
    name = f"demo-{app.instance_id}"
    created = elb.create_load_balancer(
        Name=name, Type="network", Subnets=[nic["SubnetId"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    lab.ec2.rename_load_balancer(created, arn)
    group = elb.create_target_group(
        Name=name, Protocol="UDP", Port=_VXLAN_PORT, VpcId=nic["VpcId"]
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": app.instance_id}])
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="UDP",
        Port=_VXLAN_PORT,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def _create_endpoint(lab: Lab, endpoint_id: str, app: App) -> None:
    """Create a Gateway Load Balancer endpoint with this id, in the App's subnet."""
    nic = _interface(lab, app)
    created = lab.client.create_vpc_endpoint(
        VpcEndpointType="GatewayLoadBalancer",
        ServiceName=_SERVICE,
        VpcId=nic["VpcId"],
        SubnetIds=[nic["SubnetId"]],
    )["VpcEndpoint"]["VpcEndpointId"]
    lab.ec2.rename_endpoint(created, endpoint_id)


def _interface(lab: Lab, app: App) -> Any:
    ids = [app.nics[0].id]
    found = lab.client.describe_network_interfaces(NetworkInterfaceIds=ids)
    return found["NetworkInterfaces"][0]
