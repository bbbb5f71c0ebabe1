"""
Names of the fields and types of a request, from which fuzzers make others.

Must not know what the fields contain.
"""

from __future__ import annotations

NAMES = (
    *("type", "actionId", "actionParams", "sessionId", "targetNicId", "sourceNicId"),
    *("sourceAppName", "targetAppName", "sessionNumber", "filterRules", "direction"),
    *("protocol", "sourceCidr", "destinationCidr", "sourcePortRange", "fromPort"),
    *("toPort", "destinationPortRange", "ruleAction", "description", "packetLength"),
    *("virtualNetworkId", "networkServices", "tags", "dryRun", "gatewayLoadBalancer"),
    *("networkLoadBalancerArn", "gatewayLoadBalancerEndpointId", "driverRequest"),
    *("CreateTrafficMirroringParams", "TrafficFilterRule", "PortRange", "amazon-dns"),
)
"""Names of fields and types, and one that is none."""
