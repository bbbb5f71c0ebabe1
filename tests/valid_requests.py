"""Unusual but valid requests, each with the first action that it is parsed to."""

from __future__ import annotations

import json

from tests.request_texts import (
    BALANCER,
    ENDPOINT,
    PARAMS,
    RULE,
    SOURCE,
    TARGET,
    create,
    create_action,
    remove,
    request,
    rule,
)
from traffic_mirroring.models import (
    AppName,
    CreateAction,
    FilterRule,
    Mirror,
    NamedAction,
    NamedMirror,
    PortRange,
    RemoveAction,
)

MIRROR = Mirror(SOURCE, TARGET)
TCP = FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0")


def numbered(number):
    """Return the action that create(sessionNumber=...) is parsed to."""
    return CreateAction("1", MIRROR, number)


def ruled(*rules):
    """Return the action that create(filterRules=...) is parsed to."""
    return CreateAction("1", Mirror(SOURCE, TARGET, rules))


def ingress(protocol=6, source="0.0.0.0/0", destination="0.0.0.0/0", **ports):
    """Return the action that rule(...) is parsed to."""
    return ruled(FilterRule("ingress", protocol, source, destination, **ports))


def to(**destination):
    """Return a request that mirrors SOURCE to another target than TARGET."""
    params = {"sourceNicId": SOURCE, **destination}
    return request({**create_action(), "actionParams": params})


VALID_CREATES = {
    "no rules": (create(), CreateAction("1", MIRROR)),
    "rules empty": (create(filterRules=[]), CreateAction("1", MIRROR)),
    "rules null": (create(filterRules=None), CreateAction("1", MIRROR)),
    "no actionId": (
        request({"type": "CreateTrafficMirroring", "actionParams": PARAMS}),
        CreateAction("", MIRROR),
    ),
    "actionId null": (create(action_id=None), CreateAction("", MIRROR)),
    "actionId not ASCII": (create(action_id="ß"), CreateAction("ß", MIRROR)),
    "type in lower camel": (
        request({"type": "createTrafficMirroring", "actionParams": PARAMS}),
        CreateAction("", MIRROR),
    ),
    "params type": (create(type="CreateTrafficMirroringParams"), numbered(None)),
    "params type in lower camel": (
        create(type="createTrafficMirroringParams"),
        numbered(None),
    ),
    "params type null": (create(type=None), numbered(None)),
    "actionTarget": (
        request({**create_action(), "actionTarget": None, "x": [1]}),
        numbered(None),
    ),
    "unknown keys at the root": (
        json.dumps({"driverRequest": {"actions": [create_action()], "a": 1}, "b": 2}),
        numbered(None),
    ),
    "a byte order mark": ("\ufeff" + create(), numbered(None)),
    "50 levels": (
        create()[:-1] + ', "x": ' + "[" * 49 + "]" * 49 + "}",
        numbered(None),
    ),
    "source in blanks": (create(sourceNicId=f" {SOURCE}\n"), numbered(None)),
    "target in blanks": (create(targetNicId=f"\t{TARGET} "), numbered(None)),
    "short ids": (
        create(sourceNicId="eni-01234567"),
        CreateAction("1", Mirror("eni-01234567", TARGET)),
    ),
    "number empty": (create(sessionNumber=""), numbered(None)),
    "number blank": (create(sessionNumber="  "), numbered(None)),
    "number null": (create(sessionNumber=None), numbered(None)),
    "number text": (create(sessionNumber="5"), numbered(5)),
    "number integer": (create(sessionNumber=5), numbered(5)),
    "number in blanks": (create(sessionNumber=" 5 "), numbered(5)),
    "number with zeros": (create(sessionNumber="00005"), numbered(5)),
    "lowest number": (create(sessionNumber="1"), numbered(1)),
    "highest number": (create(sessionNumber=32766), numbered(32766)),
    "direction in capitals": (rule(direction="INGRESS"), ingress()),
    "egress": (
        rule(direction="Egress"),
        ruled(FilterRule("egress", 6, "0.0.0.0/0", "0.0.0.0/0")),
    ),
    "rule type": (rule(type="TrafficFilterRule"), ingress()),
    "rule type in lower camel": (rule(type="trafficFilterRule"), ingress()),
    "protocol in capitals": (rule(protocol="TCP"), ingress()),
    "direction in blanks": (rule(direction=" ingress\n"), ingress()),
    "protocol in blanks": (rule(protocol="\t TCP "), ingress()),
    "protocol all in blanks": (rule(protocol=" all "), ingress(None)),
    "protocol -1 in blanks": (rule(protocol=" -1 "), ingress(None)),
    "protocol ipencap": (rule(protocol="ipencap"), ingress(4)),
    "protocol IPSEC-ESP": (rule(protocol="IPSEC-ESP"), ingress(50)),
    "protocol mixed": (rule(protocol="IPv6-Route"), ingress(43)),
    "protocol number": (rule(protocol=17), ingress(17)),
    "protocol number as text": (rule(protocol="17"), ingress(17)),
    "protocol number in blanks": (rule(protocol=" 6 "), ingress()),
    "protocol 1": (rule(protocol="001"), ingress(1)),
    "protocol 255": (rule(protocol=255), ingress(255)),
    "protocol all": (rule(protocol="all"), ingress(None)),
    "protocol Any": (rule(protocol="Any"), ingress(None)),
    "protocol -1": (rule(protocol=-1), ingress(None)),
    "protocol -1 as text": (rule(protocol="-1"), ingress(None)),
    "protocol icmp": (rule(protocol="icmp"), ingress(1)),
    "protocol ipv6-icmp": (rule(protocol="ipv6-icmp"), ingress(58, "::/0", "::/0")),
    "protocol icmpv6": (rule(protocol="ICMPv6"), ingress(58, "::/0", "::/0")),
    "protocol gre": (rule(protocol="GRE"), ingress(47)),
    "ports null": (
        rule(sourcePortRange=None, destinationPortRange=None, protocol="icmp"),
        ingress(1),
    ),
    "ports as integers": (
        rule(sourcePortRange={"fromPort": 0, "toPort": 0}),
        ingress(source_ports=PortRange(0, 0)),
    ),
    "ports as text, all of them": (
        rule(destinationPortRange={"fromPort": " 0", "toPort": "65535 "}),
        ingress(destination_ports=PortRange(0, 65535)),
    ),
    "ports with type": (
        rule(sourcePortRange={"type": "portRange", "fromPort": "80", "toPort": 80}),
        ingress(source_ports=PortRange(80, 80)),
    ),
    "ports with udp by number": (
        rule(protocol=17, sourcePortRange={"fromPort": 53, "toPort": 53}),
        ingress(17, source_ports=PortRange(53, 53)),
    ),
    "ports empty": (
        rule(sourcePortRange={"fromPort": "", "toPort": ""}),
        ingress(),
    ),
    "ports blank, with icmp": (
        rule(
            protocol="icmp",
            destinationPortRange={"type": "PortRange", "fromPort": " ", "toPort": ""},
        ),
        ingress(1),
    ),
    "CIDR empty": (rule(sourceCidr="", destinationCidr=" "), ingress()),
    "CIDR empty beside IPv6": (
        rule(sourceCidr="fd00::/8", destinationCidr=""),
        ingress(source="fd00::/8", destination="::/0"),
    ),
    "IPv6 CIDR beside an empty one": (
        rule(sourceCidr="", destinationCidr="fd00::/8"),
        ingress(source="::/0", destination="fd00::/8"),
    ),
    "CIDR in blanks": (
        rule(sourceCidr=" 10.0.0.0/16 ", destinationCidr="10.1.2.3\n"),
        ingress(source="10.0.0.0/16", destination="10.1.2.3/32"),
    ),
    "CIDR null": (rule(sourceCidr=None, destinationCidr=None), ingress()),
    "host bits": (
        rule(sourceCidr="192.168.0.124/24"),
        ingress(source="192.168.0.0/24"),
    ),
    "bare address": (rule(sourceCidr="10.1.2.3"), ingress(source="10.1.2.3/32")),
    "everywhere": (rule(sourceCidr="10.1.2.3/0"), ingress()),
    "bare IPv6 address": (
        rule(destinationCidr="2001:DB8::1"),
        ingress(source="::/0", destination="2001:db8::1/128"),
    ),
    "IPv6 host bits": (
        rule(sourceCidr="2001:db8:0:0::7/64"),
        ingress(source="2001:db8::/64", destination="::/0"),
    ),
    "both IPv6": (
        rule(sourceCidr="::/0", destinationCidr="fd00::/8"),
        ingress(source="::/0", destination="fd00::/8"),
    ),
    "10 rules": (create(filterRules=[RULE] * 10), ruled(*[TCP] * 10)),
    "two mirrors of one source without numbers": (
        request(create_action(), create_action(filterRules=[RULE])),
        numbered(None),
    ),
    "numbers of different sources": (
        request(
            create_action(sessionNumber=5, sourceNicId="eni-00000001"),
            create_action(sessionNumber=5, sourceNicId="eni-00000002"),
        ),
        CreateAction("1", Mirror("eni-00000001", TARGET), 5),
    ),
    "source App": (
        create(sourceNicId="", sourceAppName="web"),
        NamedAction("1", NamedMirror(AppName("web"), TARGET)),
    ),
    "target App": (
        create(targetNicId=None, targetAppName="capture"),
        NamedAction("1", NamedMirror(SOURCE, AppName("capture"))),
    ),
    "two Apps with blanks, and all options": (
        create(
            sourceNicId=None,
            targetNicId=None,
            sourceAppName=" web 1",
            targetAppName="Web 1",
            sessionNumber="5",
            filterRules=[RULE],
            packetLength=9,
            virtualNetworkId=8,
            description="d",
            networkServices=["amazon-dns"],
            tags={"k": "v"},
            dryRun=True,
        ),
        NamedAction(
            "1",
            NamedMirror(
                AppName(" web 1"), AppName("Web 1"), (TCP,), 9, 8, ("amazon-dns",)
            ),
            5,
            "d",
            {"k": "v"},
            dry_run=True,
        ),
    ),
    "App names empty": (create(sourceAppName="", targetAppName=" "), numbered(None)),
    "dry run": (create(dryRun=True), CreateAction("1", MIRROR, dry_run=True)),
    "dry run as text": (
        create(dryRun=" TRUE "),
        CreateAction("1", MIRROR, dry_run=True),
    ),
    "no dry run": (create(dryRun="False"), numbered(None)),
    "dry run null": (create(dryRun=None), numbered(None)),
    "a load balancer": (
        to(networkLoadBalancerArn=BALANCER),
        CreateAction("1", Mirror(SOURCE, BALANCER)),
    ),
    "an endpoint, the others empty": (
        to(
            gatewayLoadBalancerEndpointId=f" {ENDPOINT} ",
            networkLoadBalancerArn="",
            targetNicId=" ",
        ),
        CreateAction("1", Mirror(SOURCE, ENDPOINT)),
    ),
    "a NIC, the others null": (
        create(networkLoadBalancerArn=None, gatewayLoadBalancerEndpointId=None),
        numbered(None),
    ),
    "packet length": (
        create(packetLength=" 0096"),
        CreateAction("1", Mirror(SOURCE, TARGET, packet_length=96)),
    ),
    "longest packet": (
        create(packetLength=8500),
        CreateAction("1", Mirror(SOURCE, TARGET, packet_length=8500)),
    ),
    "virtual network": (
        create(virtualNetworkId="16777215"),
        CreateAction("1", Mirror(SOURCE, TARGET, virtual_network_id=16777215)),
    ),
    "options null": (
        create(
            packetLength=None,
            virtualNetworkId=None,
            description=None,
            networkServices=None,
            tags=None,
        ),
        numbered(None),
    ),
    "DNS": (
        create(networkServices=["amazon-dns"]),
        CreateAction("1", Mirror(SOURCE, TARGET, network_services=("amazon-dns",))),
    ),
    "DNS twice": (
        create(networkServices=["amazon-dns", "amazon-dns"]),
        CreateAction("1", Mirror(SOURCE, TARGET, network_services=("amazon-dns",))),
    ),
    "no services": (create(networkServices=[]), numbered(None)),
    "description": (
        create(description=" the web's, über all"),
        CreateAction("1", MIRROR, description=" the web's, über all"),
    ),
    "description empty": (create(description=""), numbered(None)),
    "tags": (
        create(
            tags={"Cost center": "12", "name": "", "gone": None, "k" * 127: "v" * 256}
        ),
        CreateAction(
            "1",
            MIRROR,
            tags={"Cost center": "12", "name": "", "k" * 127: "v" * 256},
        ),
    ),
    "most tags allowed": (
        create(tags={str(number): "" for number in range(40)}),
        CreateAction("1", MIRROR, tags={str(number): "" for number in range(40)}),
    ),
    "reject": (
        rule(ruleAction="reject"),
        ruled(FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0", action="reject")),
    ),
    "reject in capitals, described": (
        rule(ruleAction="REJECT", description="all but ssh"),
        ruled(FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0", action="reject")),
    ),
    "reject in blanks": (
        rule(ruleAction=" reject "),
        ruled(FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0", action="reject")),
    ),
    "accept null": (rule(ruleAction=None, description=None), ingress()),
    "equal actions with one number": (
        request(create_action(sessionNumber=5), create_action(sessionNumber="5")),
        numbered(5),
    ),
}

SESSION = "tms-0123456789abcdef0"
VALID_REMOVES = {
    "session": (remove(sessionId=SESSION), RemoveAction("1", SESSION)),
    "session, target empty": (
        remove(sessionId=SESSION, targetNicId=""),
        RemoveAction("1", SESSION),
    ),
    "session, target null": (
        remove(sessionId=SESSION, targetNicId=None),
        RemoveAction("1", SESSION),
    ),
    "session in blanks": (remove(sessionId=f" {SESSION} "), RemoveAction("1", SESSION)),
    "target": (remove(targetNicId=TARGET), RemoveAction("1", None, TARGET)),
    "target, session blank": (
        remove(sessionId=" ", targetNicId=TARGET),
        RemoveAction("1", None, TARGET),
    ),
    "unknown keys": (
        remove(targetNicId=TARGET, actionTarget=None, sourceNicId="x"),
        RemoveAction("1", None, TARGET),
    ),
}
