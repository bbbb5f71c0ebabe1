"""Creates EC2 resources around mirrors: VPCs, groups, instances, load balancers."""

from __future__ import annotations

from uuid import uuid4

from emulator.cloudshell import Nic

ANY_IMAGE = "ami-12c6146b"


def describe_nic(world, app):
    """Return EC2's description of an App's NIC."""
    ids = [world.nic(app)]
    found = world.client.describe_network_interfaces(NetworkInterfaceIds=ids)
    return found["NetworkInterfaces"][0]


def network_ids(world):
    """Return the ids of the sandbox's VPC, subnet and security group."""
    nic = describe_nic(world, "capture")
    return nic["VpcId"], nic["SubnetId"], nic["Groups"][0]["GroupId"]


def create_closed_group(world, vpc=None):
    """Create a security group that allows no incoming traffic; return its id."""
    return world.client.create_security_group(
        GroupName="closed", Description="-", VpcId=vpc or network_ids(world)[0]
    )["GroupId"]


def allow_mirrored_packets(world, group, **sources):
    """Allow UDP 4789 from CIDRs, security groups or prefix lists into a group."""
    rule = {"IpProtocol": "udp", "FromPort": 4000, "ToPort": 5000, **sources}
    world.client.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


def create_prefix_list(world, *cidrs):
    """Create a prefix list; return its id."""
    return world.client.create_managed_prefix_list(
        PrefixListName="sandboxes",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": cidr} for cidr in cidrs],
    )["PrefixList"]["PrefixListId"]


def run_instance(world, subnet, group, kind="t3.micro"):
    """Start an instance; return the id of its NIC."""
    started = world.client.run_instances(
        ImageId=ANY_IMAGE,
        InstanceType=kind,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
    )
    return started["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]


def create_other_vpc(world, cidr="10.9.0.0/16"):
    """Create a VPC, a subnet and a group that allows UDP 4789; return their ids."""
    client = world.client
    vpc = client.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"))
    group = create_closed_group(world, vpc)
    allow_mirrored_packets(world, group, IpRanges=[{"CidrIp": "10.0.0.0/8"}])
    return vpc, subnet["Subnet"]["SubnetId"], group


def create_load_balancer(world, *ports, targets=None, **options):
    """
    Create a network load balancer that listens on UDP ports; return its ARN.

    Behind it are these instances, or else that of the App capture.
    """
    elb = world.ec2.service_client("elbv2")
    if "Subnets" not in options:
        options["Subnets"] = [network_ids(world)[1]]
    subnets = world.client.describe_subnets(SubnetIds=options["Subnets"])["Subnets"]
    vpc = subnets[0]["VpcId"]
    arn = elb.create_load_balancer(
        Name=f"capture-{uuid4().hex[:8]}", Type="network", **options
    )["LoadBalancers"][0]["LoadBalancerArn"]
    if targets is None:
        targets = [describe_nic(world, "capture")["Attachment"]["InstanceId"]]
    for port in ports:
        group = elb.create_target_group(
            Name=f"capture-{uuid4().hex[:8]}", Protocol="UDP", Port=port, VpcId=vpc
        )["TargetGroups"][0]["TargetGroupArn"]
        if targets:
            elb.register_targets(
                TargetGroupArn=group, Targets=[{"Id": each} for each in targets]
            )
        elb.create_listener(
            LoadBalancerArn=arn,
            Protocol="UDP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
    return arn


def create_endpoint(world):
    """Create a gateway load balancer endpoint; return its id."""
    vpc, subnet, _ = network_ids(world)
    return world.client.create_vpc_endpoint(
        VpcEndpointType="GatewayLoadBalancer",
        ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        VpcId=vpc,
        SubnetIds=[subnet],
    )["VpcEndpoint"]["VpcEndpointId"]


def attach_nic(client, app, key="nic"):
    """Attach a second NIC to an App, listed before its primary one; return its id."""
    subnet = app.nics[0].subnet_id
    made = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    nic = Nic(made["NetworkInterfaceId"], subnet, made["PrivateIpAddress"], key=key)
    client.attach_network_interface(
        NetworkInterfaceId=nic.id, InstanceId=app.instance_id, DeviceIndex=1
    )
    app.nics.insert(0, nic)
    return nic.id
