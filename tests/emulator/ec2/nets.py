"""A small network for packets: a source that is mirrored to a target."""

from __future__ import annotations

from ipaddress import ip_network

from scapy.layers.inet import IP

ANYWHERE = "0.0.0.0/0"
CLIENT = "198.51.100.7"


class Net:
    """A source and a target, in security groups that allow everything."""

    def __init__(self, lab):
        self.lab, self.ec2, self.client = lab, lab.ec2, lab.client
        self.source, self.target = lab.nics(2)
        self.web, self.capture = self.address(self.source), self.address(self.target)
        group = self.interface(self.source)["Groups"][0]["GroupId"]
        self.open(group, IpProtocol="-1", IpRanges=[{"CidrIp": ANYWHERE}])
        self.on_capture = lab.target(self.target)

    def interface(self, nic):
        found = self.client.describe_network_interfaces(NetworkInterfaceIds=[nic])
        return found["NetworkInterfaces"][0]

    def address(self, nic):
        return self.interface(nic)["PrivateIpAddress"]

    def open(self, group, **rule):
        self.client.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[rule]
        )

    def group(self, nic=None):
        """Put an interface into a new group that allows nothing."""
        vpc = self.interface(self.source)["VpcId"]
        made = self.client.create_security_group(
            GroupName=f"only {nic}", Description="-", VpcId=vpc
        )["GroupId"]
        if nic:
            self.client.modify_network_interface_attribute(
                NetworkInterfaceId=nic, Groups=[made]
            )
        return made

    def mirror(self, *rules, **session):
        """Mirror the source by a filter with these rules; return the session's id."""
        mirror_filter = self.lab.filter()
        for number, rule in enumerate(rules, 1):
            self.lab.rule(mirror_filter, **{"RuleNumber": number, **rule})
        asked = {
            "NetworkInterfaceId": self.source,
            "TrafficMirrorTargetId": self.on_capture,
            "TrafficMirrorFilterId": mirror_filter,
            **session,
        }
        return self.lab.session(**asked)["TrafficMirrorSessionId"]

    def passage(self, packet):
        """Send a packet to or from the source; return what happened there."""
        (passage,) = self.ec2.send(packet)
        assert passage.interface_id == self.source
        return passage

    def mirrored(self, packet):
        """Return whether a copy of the packet arrives."""
        before = self.ec2.received_by(self.target)
        self.passage(packet)
        return len(self.ec2.received_by(self.target)) > len(before)

    def in_(self, layer, source=CLIENT):
        """Return a packet to the source."""
        return IP(src=source, dst=self.web) / layer

    def out(self, layer, destination=CLIENT):
        """Return a packet from the source."""
        return IP(src=self.web, dst=destination) / layer

    @property
    def resolver(self):
        vpcs = self.client.describe_vpcs()["Vpcs"]
        return str(ip_network(vpcs[0]["CidrBlock"]).network_address + 2)
