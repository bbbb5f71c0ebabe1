"""
Packets between network interfaces, and their mirrored copies.

    network    sends packets, and their copies to the targets
    decisions  which session mirrors a packet, by filters and rules
    frames     packets as bytes, and VXLAN around them: the only module with scapy
    nics       network interfaces with their security groups
    flows      the five-tuple of a packet, and AWS's own services
"""
