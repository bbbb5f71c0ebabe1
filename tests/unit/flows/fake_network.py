"""An in-memory Ec2Network: EC2's network, the look-ups made, and permissions."""

from __future__ import annotations

from dataclasses import dataclass, field

from traffic_mirroring.errors import CallForbidden, Ec2Failed
from traffic_mirroring.topology import Topology


@dataclass
class FakeNetwork:
    """
    Finds what is asked for, and nothing else; a look-up without ids makes no call.

    `forbidden` are the look-ups that the credentials may not make, `broken` those that
    EC2 answers with an error.
    """

    attached: dict = field(default_factory=dict)
    detached: dict = field(default_factory=dict)
    balancer_nics: dict = field(default_factory=dict)
    topology: Topology = field(default_factory=Topology)
    forbidden: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)

    def find_attached(self, nic_ids):
        return self._find("attached", self.attached, nic_ids)

    def find_nics(self, nic_ids):
        nics = {nic_id: nic for nic_id, (nic, _) in self.attached.items()}
        return self._find("nics", {**nics, **self.detached}, nic_ids)

    def find_balancer_nics(self, arns):
        return self._find("balancer_nics", self.balancer_nics, arns)

    def find_allowed_sources(self, group_ids):
        found = self.topology.allowed_sources
        return self._find("allowed_sources", found, group_ids)

    def find_acls(self, subnet_ids):
        return self._find("acls", self.topology.acls, subnet_ids)

    def find_prefix_lists(self, list_ids):
        return self._find("prefix_lists", self.topology.prefix_lists, list_ids)

    def find_route_tables(self, vpc_ids):
        tables = {each.id: each for each in self.topology.route_tables}
        wanted = [each.id for each in tables.values() if each.vpc_id in vpc_ids]
        self._check("route_tables", vpc_ids)
        return tuple(tables[each] for each in wanted)

    def find_peerings(self, vpc_ids):
        self._check("peerings", vpc_ids)
        found = self.topology.peerings.items()
        return {id_: each for id_, each in found if each.vpcs & set(vpc_ids)}

    def find_transit_gateways(self, vpc_ids):
        self._check("transit_gateways", vpc_ids)
        found = self.topology.transit_gateways.items()
        return {id_: vpcs & set(vpc_ids) for id_, vpcs in found}

    def find_listeners(self, arns):
        return self._find("listeners", self.topology.listeners, arns)

    def find_healthy(self, group_arns):
        return self._find("healthy", self.topology.healthy, group_arns)

    def _find(self, name, things, wanted):
        self._check(name, wanted)
        return {key: thing for key, thing in things.items() if key in wanted}

    def _check(self, name, wanted):
        if not wanted:
            return
        assert name not in self.calls, f"{name} are looked up twice"
        self.calls[name] = set(wanted)
        if name in self.forbidden:
            error = CallForbidden(f"Looking up {name}", "no")
            error.permission = f"ec2:{name}"
            raise error
        if name in self.broken:
            raise Ec2Failed(f"Looking up {name}", "broken", code="InternalError")
