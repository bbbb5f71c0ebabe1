"""The commands of docs/capture.md, on two machines that Linux namespaces provide."""

from __future__ import annotations

import re
import subprocess

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether

from tests.scenario.capture_machine import (
    TIMEOUT,
    cabled_machines,
    need_program,
    run,
)
from tests.scenario.conftest import create_mirrors
from tests.scenario.ec2_resources import describe_nic
from tests.scenario.mirrored_traffic import CLIENT, CLIENT_6
from tools.checkout import ROOT

PAGE = (ROOT / "docs" / "capture.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PAGES_NETWORK = "10472639"
"""The VXLAN network in the page's commands."""


def block(beginning):
    """Return the only code block of the page that begins with this text."""
    (found,) = (each for each in BLOCKS if each.startswith(beginning))
    return found.strip()


COPIES = block("tcpdump -n -i eth0 udp")
OUTPUT = block("14:05:12")
INTERFACE = block("ip link add vxlan0")
MIRRORED = block("tcpdump -n -i vxlan0")
TO_FILE = block("tcpdump -n -i eth0 -w")
LIVE = block("ssh")
DISPLAY_FILTER = block("vxlan.vni")


def of_network(text, network):
    """Return a command of the page for another VXLAN network."""
    assert PAGES_NETWORK in text
    return text.replace(PAGES_NETWORK, str(network))


@pytest.fixture
def machines(world):
    """Return two machines with the addresses of web and capture."""
    apps = "web", "capture"
    addresses = [describe_nic(world, app)["PrivateIpAddress"] for app in apps]
    with cabled_machines(*addresses) as pair:
        yield pair


@pytest.fixture
def source(machines):
    """Return the machine from which the copies are sent."""
    return machines[0]


@pytest.fixture
def target(machines):
    """Return the machine that captures."""
    return machines[1]


@pytest.fixture
def network(world):
    """Mirror web to capture; return the VXLAN network of the answer."""
    (result,) = create_mirrors(world, world.mirror())
    return result["virtualNetworkId"]


def copies_of(world, traffic, *packets):
    """Send packets through EC2; return the copies that capture received, as bytes."""
    nic = world.nic("capture")
    before = len(world.ec2.received_by(nic))
    for packet in packets:
        traffic.copies(packet)
    return world.ec2.received_by(nic)[before:]


def inner_packets(frames):
    """Return the IP packets in Ethernet frames, as bytes."""
    return [bytes(frame[Ether].payload) for frame in frames]


def test_every_code_block_of_the_page_is_run():
    """Except Suricata and Zeek, which Debian 12 doesn't have."""
    run_here = {COPIES, INTERFACE, MIRRORED, TO_FILE, LIVE, DISPLAY_FILTER, OUTPUT}
    need_other_packages = {block("suricata"), block("zeek")}

    assert {each.strip() for each in BLOCKS} == run_here | need_other_packages


def test_the_vxlan_interface_shows_the_packets_that_were_mirrored(
    world, traffic, source, target, network, tmp_path
):
    """They come out in order, unchanged, and nothing else comes out."""
    sent = [
        traffic.inbound(TCP(sport=50123, dport=443) / b"hello"),
        traffic.outbound(UDP(sport=5000, dport=6000) / (b"x" * 1400)),
        traffic.inbound(ICMP()),
        traffic.inbound(TCP(sport=50123, dport=443), CLIENT_6),
        traffic.outbound(TCP(sport=443, dport=50123), CLIENT_6),
    ]
    target.run(of_network(INTERFACE, network))

    with target.capture(MIRRORED, tmp_path, count=len(sent)) as frames:
        source.send(copies_of(world, traffic, *sent))

    assert inner_packets(frames) == [bytes(packet) for packet in sent]


def test_tcpdump_shows_copies_as_on_the_page(world, traffic, source, target, network):
    """The page's output differs in time, source port and VXLAN network only."""
    packet = traffic.inbound(TCP(sport=50123, dport=443) / (b"x" * 28))

    with target.start(f"{COPIES} -l -c 1") as tcpdump:
        source.send(copies_of(world, traffic, packet))
        shown, _ = tcpdump.communicate(timeout=TIMEOUT)

    expected = of_network(OUTPUT, network).replace("10.0.0.5", target.address)
    expected = expected.replace("10.0.0.4", source.address)
    times_and_ports = r"^\d\d:\d\d:\d\d\.\d+ |(?<=\.)\d{5}(?= > [\d.]+\.4789)|\s+"
    assert re.sub(times_and_ports, " ", shown.strip()) == re.sub(
        times_and_ports, " ", expected
    )


def test_a_vxlan_interface_shows_one_mirror(
    world, traffic, source, target, network, tmp_path
):
    """Packets of another VXLAN network don't come out."""
    (other,) = create_mirrors(world, world.mirror("db"))
    db = describe_nic(world, "db")["PrivateIpAddress"]
    of_db = IP(src=db, dst=CLIENT) / TCP()
    of_web = traffic.outbound(TCP())
    assert other["virtualNetworkId"] != network
    target.run(of_network(INTERFACE, network))

    with target.capture(MIRRORED, tmp_path, count=1) as frames:
        source.send(copies_of(world, traffic, of_db, of_web))

    assert inner_packets(frames) == [bytes(of_web)]


def test_mirrors_with_one_network_share_an_interface(
    world, traffic, source, target, tmp_path
):
    """The packets of both sources come out."""
    actions = [world.mirror(app, virtualNetworkId=4711) for app in ("web", "db")]
    create_mirrors(world, *actions)
    db = describe_nic(world, "db")["PrivateIpAddress"]
    sent = [IP(src=db, dst=CLIENT) / TCP(), traffic.outbound(TCP())]
    target.run(of_network(INTERFACE, 4711))

    with target.capture(MIRRORED, tmp_path, count=2) as frames:
        source.send(copies_of(world, traffic, *sent))

    assert inner_packets(frames) == [bytes(packet) for packet in sent]


def test_the_largest_packet_on_the_page_arrives_whole(
    world, traffic, source, target, network, tmp_path
):
    """With 8947 bytes, its copy fits the target's MTU of 9001 bytes."""
    (size,) = map(int, re.findall(r"ip link set eth0 mtu (\d+)`", PAGE))
    packet = traffic.inbound(UDP() / (b"x" * (size - 28)))
    assert len(bytes(packet)) == size == 8947
    target.run(of_network(INTERFACE, network))

    with target.capture(MIRRORED, tmp_path, count=1) as frames:
        source.send(copies_of(world, traffic, packet))

    assert inner_packets(frames) == [bytes(packet)]
    source.run(f"ip link set eth0 mtu {size}")
    assert f"mtu {size} " in source.run("ip link show eth0")


def test_a_packet_length_truncates_what_comes_out(
    world, traffic, source, target, tmp_path
):
    """The length includes the Ethernet header."""
    (result,) = create_mirrors(world, world.mirror(packetLength=96))
    packet = traffic.inbound(TCP() / (b"x" * 500))
    target.run(of_network(INTERFACE, result["virtualNetworkId"]))

    with target.capture(MIRRORED, tmp_path, count=1) as frames:
        source.send(copies_of(world, traffic, packet))

    assert [len(frame) for frame in frames] == [96]
    assert inner_packets(frames) == [bytes(packet)[: 96 - 14]]


@pytest.mark.parametrize("interface", [False, True])
def test_only_a_vxlan_interface_prevents_port_unreachable(
    world, traffic, source, target, network, interface, tmp_path
):
    """Without it, Linux answers a copy as any packet to a closed port."""
    if interface:
        target.run(of_network(INTERFACE, network))
    ends = {"src": source.address, "dst": target.address}
    to_closed_port = bytes(IP(**ends) / UDP(sport=4000, dport=9))
    copies = copies_of(world, traffic, traffic.inbound(TCP()))

    with source.capture("tcpdump -n -i eth0 icmp", tmp_path, count=1) as answers:
        source.send([*copies, to_closed_port])

    (answer,) = answers
    about = IP(bytes(answer[ICMP].payload))
    assert (answer[ICMP].type, answer[ICMP].code) == (3, 3)
    assert about[UDP].dport == (9 if interface else 4789)


def test_the_interface_can_be_deleted(target):
    """The page's command deletes it, so that it can be created again."""
    (command,) = re.findall("`(ip link delete vxlan0)`", PAGE)
    target.run(INTERFACE)

    target.run(command)

    target.run(INTERFACE)


def test_the_interface_shows_its_network(target, network):
    """The page's command prints the VXLAN network."""
    (command,) = re.findall("`(ip -d link show vxlan0)`", PAGE)
    target.run(of_network(INTERFACE, network))

    assert f"vxlan id {network} " in target.run(command)


def test_wireshark_reads_the_file(world, traffic, source, target, network, tmp_path):
    """The page's display filter finds the HTTPS packet in tcpdump's file."""
    tshark = need_program("tshark")
    https, http = (traffic.inbound(TCP(sport=50123, dport=port)) for port in (443, 80))
    file = tmp_path / "mirrored.pcap"

    command = TO_FILE.replace("mirrored.pcap", f"{file} -c 2")
    with target.start(command) as tcpdump:
        source.send(copies_of(world, traffic, https, http))
        tcpdump.communicate(timeout=TIMEOUT)

    fields = "-T fields -e vxlan.vni -e tcp.dstport".split()
    command = [tshark, "-r", str(file), *fields]
    assert run(*command).split() == [str(network), "443", str(network), "80"]
    found = run(*command, "-Y", of_network(DISPLAY_FILTER, network))
    assert found.split() == [str(network), "443"]


def test_wireshark_reads_live(world, traffic, source, target, network):
    """From the pipe, tshark reads the copies as Wireshark does."""
    tshark = need_program("tshark")
    capture = re.fullmatch(r"ssh root@capture '(.*)' \| wireshark -k -i -", LIVE)[1]
    with (
        target.start(capture) as tcpdump,
        subprocess.Popen(
            [tshark, *"-i - -c 1 -T fields -e vxlan.vni -e tcp.dstport".split()],
            stdin=tcpdump.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as reader,
    ):
        source.send(copies_of(world, traffic, traffic.inbound(TCP(dport=443))))
        shown, _ = reader.communicate(timeout=TIMEOUT)

    assert shown.split() == [str(network), "443"]
