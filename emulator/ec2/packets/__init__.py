"""
Packets between network interfaces, and their mirrored copies.

    network    sends packets
    copies     sends mirrored copies to the targets
    decisions  which session mirrors a packet, by filters and rules
    frames     packets as bytes, and VXLAN around them: the only module with scapy
    nics       network interfaces with their security groups, and load balancers
    subnets    network ACLs and routes
    flows      the five-tuple of a packet, and AWS's own services
"""
