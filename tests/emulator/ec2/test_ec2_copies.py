"""The bytes of mirrored copies, and when they arrive at the target."""

from __future__ import annotations

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from tests.emulator.ec2.nets import CLIENT

WORDS = b"what the client says " * 20


def copy_of(net, packet):
    """Send a packet that is mirrored; return the parsed copy."""
    net.passage(packet)
    return IP(net.ec2.received_by(net.target)[-1])


def test_a_copy_is_the_packet_in_vxlan(net):
    """A copy goes from source to target, to UDP 4789, with the session's VNI."""
    net.mirror({}, VirtualNetworkId=4711)
    packet = net.in_(TCP(sport=5000, dport=443) / WORDS)

    copy = copy_of(net, packet)

    assert (copy.src, copy.dst) == (net.web, net.capture)
    assert copy[UDP].dport == 4789
    assert copy[VXLAN].vni == 4711
    assert copy[VXLAN].flags.Instance
    assert bytes(copy[Ether].payload) == bytes(packet)


def test_a_copy_has_the_frames_ends(net):
    """The frame has the source's MAC address at the source's end."""
    net.mirror({}, {"TrafficDirection": "egress"})
    mac = net.interface(net.source)["MacAddress"]

    arriving, leaving = (
        copy_of(net, each) for each in (net.in_(TCP()), net.out(TCP()))
    )

    assert arriving[Ether].dst == leaving[Ether].src == mac
    assert arriving[Ether].src == leaving[Ether].dst != mac


def test_a_flow_has_a_source_port_of_its_own(net):
    """Copies of a flow have one source port; most other flows have another."""
    net.mirror({})

    ports = [
        copy_of(net, net.in_(TCP(sport=number) / words))[UDP].sport
        for number in range(5000, 5009)
        for words in (b"first", b"second")
    ]

    assert ports[::2] == ports[1::2]
    assert len(set(ports)) > 5


def test_the_packet_length_counts_what_is_in_the_vxlan(net):
    """The Ethernet frame is truncated to that length."""
    net.mirror({"Protocol": 6}, PacketLength=60)
    net.mirror({}, SessionNumber=2)
    cut = copy_of(net, net.in_(TCP() / WORDS))
    whole = copy_of(net, net.in_(UDP(dport=7) / WORDS))

    assert len(bytes(cut[VXLAN].payload)) == 60
    assert cut[TCP].payload.load == WORDS[: 60 - 14 - 20 - 20]
    assert whole[Raw].load == WORDS
    assert copy_of(net, net.in_(TCP()))[IP:2].len == 40


def test_the_primary_address_is_the_copys_source(net):
    """Packets to a secondary address are copied likewise."""
    net.mirror({})
    second = str(net.web).rpartition(".")[0] + ".250"
    net.client.assign_private_ip_addresses(
        NetworkInterfaceId=net.source, PrivateIpAddresses=[second]
    )

    copy = copy_of(net, IP(src=CLIENT, dst=second) / TCP())

    assert copy.src == net.web
    assert copy[IP:2].dst == second


def closed_target(net):
    """Put the target into a group that allows nothing; return the group."""
    group = net.group(net.target)
    net.mirror({})
    return group


def lost(net):
    """Send a packet that is mirrored; return why its copy did not arrive."""
    before = net.ec2.received_by(net.target)
    copy = net.passage(net.in_(TCP())).copy
    assert copy.arrived == (len(net.ec2.received_by(net.target)) > len(before))
    return copy.lost


def test_a_copy_needs_the_targets_group_to_be_open(net):
    """The group must allow UDP 4789 from the source's address."""
    group = closed_target(net)
    udp = {"IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789}

    net.open(group, **udp, IpRanges=[{"CidrIp": f"{CLIENT}/32"}])
    net.open(group, **udp | {"ToPort": 4788, "FromPort": 1}, IpRanges=everywhere())
    net.open(group, **udp | {"IpProtocol": "tcp"}, IpRanges=everywhere())
    why = lost(net)
    net.open(group, **udp, IpRanges=[{"CidrIp": f"{net.web}/32"}])

    assert why == (
        f"the security groups of {net.target} don't allow UDP 4789 from {net.web}"
    )
    assert lost(net) is None


def everywhere():
    """Return an IP range with all addresses."""
    return [{"CidrIp": "0.0.0.0/0"}]


def test_a_group_can_name_the_sources_group(net):
    """All interfaces in that group may then send."""
    group = closed_target(net)
    sources = net.group(net.lab.nic())
    net.open(group, IpProtocol="-1", UserIdGroupPairs=[{"GroupId": sources}])
    assert lost(net)

    own = net.interface(net.source)["Groups"][0]["GroupId"]
    net.open(group, IpProtocol="-1", UserIdGroupPairs=[{"GroupId": own}])

    assert lost(net) is None


def test_a_group_can_name_a_prefix_list(net):
    """The entries of a prefix list work as CIDRs."""
    group = closed_target(net)
    for cidr, expected in ((f"{CLIENT}/32", False), (f"{net.web}/32", True)):
        listed = net.client.create_managed_prefix_list(
            PrefixListName="sources",
            MaxEntries=1,
            AddressFamily="IPv4",
            Entries=[{"Cidr": cidr}],
        )["PrefixList"]["PrefixListId"]
        net.open(group, IpProtocol="-1", PrefixListIds=[{"PrefixListId": listed}])

        assert (lost(net) is None) is expected


def test_a_copy_is_not_subject_to_the_sources_groups(net):
    """They may allow nothing, because AWS sends the copy."""
    net.mirror({})
    group = net.group(net.source)
    net.open(group, IpProtocol="tcp", FromPort=0, ToPort=65535, IpRanges=everywhere())
    net.client.revoke_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": everywhere()}]
    )

    assert lost(net) is None


def test_a_stopped_target_gets_nothing(net):
    """The copy is lost, with a reason."""
    net.mirror({})
    instance = net.interface(net.target)["Attachment"]["InstanceId"]
    net.client.stop_instances(InstanceIds=[instance])

    assert lost(net) == f"{net.target} is not attached to a running instance"


def test_a_deleted_target_interface_gets_nothing(net):
    """The session exists, but its copies are lost."""
    net.target = net.lab.detached_nic()
    attached = net.client.attach_network_interface(
        NetworkInterfaceId=net.target,
        InstanceId=net.lab.instances()[0]["InstanceId"],
        DeviceIndex=1,
    )
    net.mirror({}, TrafficMirrorTargetId=net.lab.target(net.target))

    net.client.detach_network_interface(AttachmentId=attached["AttachmentId"])
    net.client.delete_network_interface(NetworkInterfaceId=net.target)

    assert lost(net) == f"{net.target} does not exist"


def far_interface(net):
    """Run an instance in another VPC that accepts everything; return both ids."""
    client = net.client
    vpc = client.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.7.0.0/24")["Subnet"]
    made = client.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"]
    )
    nic = made["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    group = net.interface(nic)["Groups"][0]["GroupId"]
    net.open(group, IpProtocol="-1", IpRanges=everywhere())
    return vpc, nic


def main_table(net):
    """Return the main route table of the source's VPC, as EC2 describes it."""
    filters = [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [net.interface(net.source)["VpcId"]]},
    ]
    (table,) = net.client.describe_route_tables(Filters=filters)["RouteTables"]
    return table


def test_another_vpc_needs_a_route_to_an_active_peering_connection(net):
    """Until the connection is accepted, the route is a blackhole."""
    client, own = net.client, net.interface(net.source)["VpcId"]
    vpc, net.target = far_interface(net)
    net.mirror({}, TrafficMirrorTargetId=net.lab.target(net.target))
    no_route = f"has no route to {net.address(net.target)} in {vpc}"
    assert no_route in lost(net)

    made = client.create_vpc_peering_connection(VpcId=own, PeerVpcId=vpc)
    peering = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    client.create_route(
        RouteTableId=main_table(net)["RouteTableId"],
        DestinationCidrBlock="10.7.0.0/16",
        VpcPeeringConnectionId=peering,
    )
    assert main_table(net)["Routes"][-1]["State"] == "blackhole"
    assert no_route in lost(net)
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)

    assert main_table(net)["Routes"][-1]["State"] == "active"
    assert lost(net) is None


def test_a_copy_is_subject_to_the_network_acl_of_another_subnet(net):
    """A network ACL without rules denies everything from outside."""
    client, vpc = net.client, net.interface(net.source)["VpcId"]
    acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="172.31.240.0/20")["Subnet"]
    made = client.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"]
    )
    net.target = made["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    group = net.interface(net.target)["Groups"][0]["GroupId"]
    assert group == net.interface(net.source)["Groups"][0]["GroupId"]
    net.mirror({}, TrafficMirrorTargetId=net.lab.target(net.target))
    assert lost(net) is None
    (old,) = client.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
    )["NetworkAcls"]
    for each in old["Associations"]:
        if each["SubnetId"] == subnet["SubnetId"]:
            client.replace_network_acl_association(
                AssociationId=each["NetworkAclAssociationId"], NetworkAclId=acl
            )

    assert "denies UDP 4789" in lost(net)


def test_a_load_balancer_passes_copies_on_to_a_healthy_target(net):
    """They keep the source's address; without a listener or a target they are lost."""
    balancers = net.ec2.service_client("elbv2")
    arn = net.lab.balancer()
    made = net.client.create_traffic_mirror_target(NetworkLoadBalancerArn=arn)
    target = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    net.mirror({}, TrafficMirrorTargetId=target)
    assert lost(net) == f"{arn} has no UDP listener on port 4789"

    group = balancers.create_target_group(
        Name="g", Protocol="UDP", Port=4789, VpcId=net.interface(net.source)["VpcId"]
    )["TargetGroups"][0]["TargetGroupArn"]
    balancers.create_listener(
        LoadBalancerArn=arn,
        Protocol="TCP_UDP",
        Port=4789,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    assert lost(net) == f"{arn} has no healthy target"
    instance = net.interface(net.target)["Attachment"]["InstanceId"]
    balancers.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])

    assert lost(net) is None
    outer = IP(net.ec2.received_by(net.target)[-1])
    assert (outer.src, outer.dst) == (net.web, net.capture)
    net.group(net.target)
    assert f"the security groups of {net.target} don't allow" in lost(net)


def test_an_endpoint_receives_copies(net):
    """What is behind it is not emulated; one that was deleted receives nothing."""
    endpoint = net.lab.endpoint()
    made = net.client.create_traffic_mirror_target(
        GatewayLoadBalancerEndpointId=endpoint
    )
    target = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    net.mirror({}, TrafficMirrorTargetId=target)

    assert net.passage(net.in_(TCP())).copy.arrived
    outer = IP(net.ec2.received_by(endpoint)[-1])
    assert (outer.src, outer.dport) == (net.web, 4789)
    net.client.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert lost(net) == f"{endpoint} does not exist"
