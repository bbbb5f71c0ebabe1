"""Makes what stands around a mirror in EC2: VPCs, groups, instances, balancers."""

from __future__ import annotations

ANY_IMAGE = "ami-12c6146b"


def interface(world, app):
    """Return what EC2 says of an App's NIC."""
    ids = [world.nic(app)]
    found = world.client.describe_network_interfaces(NetworkInterfaceIds=ids)
    return found["NetworkInterfaces"][0]


def network(world):
    """Return the ids of the sandbox's VPC, subnet and security group."""
    nic = interface(world, "capture")
    return nic["VpcId"], nic["SubnetId"], nic["Groups"][0]["GroupId"]


def closed_group(world, vpc=None):
    """Make a security group that lets nothing in; return its id."""
    return world.client.create_security_group(
        GroupName="closed", Description="-", VpcId=vpc or network(world)[0]
    )["GroupId"]


def allow(world, group, **whom):
    """Let mirrored packets into a group from CIDRs, groups or prefix lists."""
    rule = {"IpProtocol": "udp", "FromPort": 4000, "ToPort": 5000, **whom}
    world.client.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


def prefix_list(world, *cidrs):
    """Make a prefix list; return its id."""
    return world.client.create_managed_prefix_list(
        PrefixListName="sandboxes",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": cidr} for cidr in cidrs],
    )["PrefixList"]["PrefixListId"]


def run(world, subnet, group, kind="t3.micro"):
    """Start an instance; return its NIC."""
    started = world.client.run_instances(
        ImageId=ANY_IMAGE,
        InstanceType=kind,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
    )
    return started["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]


def other_vpc(world, cidr="10.9.0.0/16"):
    """Make a VPC with a subnet and an open group; return their ids."""
    client = world.client
    vpc = client.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"))
    group = closed_group(world, vpc)
    allow(world, group, IpRanges=[{"CidrIp": "10.0.0.0/8"}])
    return vpc, subnet["Subnet"]["SubnetId"], group


def balancer(world, *ports):
    """Make a network load balancer that listens on UDP ports; return its ARN."""
    elb = world.ec2.service_client("elbv2")
    vpc, subnet, _ = network(world)
    arn = elb.create_load_balancer(
        Name=f"capture-{len(ports)}", Type="network", Subnets=[subnet]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    for port in ports:
        group = elb.create_target_group(
            Name=f"capture-{port}", Protocol="UDP", Port=port, VpcId=vpc
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.create_listener(
            LoadBalancerArn=arn,
            Protocol="UDP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
    return arn


def endpoint(world):
    """Make a gateway load balancer endpoint; return its id."""
    vpc, subnet, _ = network(world)
    return world.client.create_vpc_endpoint(
        VpcEndpointType="GatewayLoadBalancer",
        ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        VpcId=vpc,
        SubnetIds=[subnet],
    )["VpcEndpoint"]["VpcEndpointId"]
