"""
moto's resources, as traffic mirroring needs them: interfaces, load balancers, tags.

Owns: reading and tagging them. Must not know: targets, filters, sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends, validate_resource_ids
from moto.elbv2.models import elbv2_backends

from emulator.ec2.errors import Ec2Error
from emulator.ec2.mirroring.state import Interface, TagRow
from emulator.ec2.moto.subnets import next_hops


class MotoResources:
    """The resources of an account and region, apart from mirroring."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    @property
    def _backend(self) -> Any:
        return ec2_backends[self._account][self._region]

    def interface(self, interface_id: str) -> Interface | None:
        """Return a network interface."""
        eni = self._backend.enis.get(interface_id)
        if eni is None:
            return None
        instance = eni.instance
        return Interface(
            id=eni.id,
            kind=eni.interface_type,
            attached=bool(eni.attachment_id),
            running=instance is not None and instance.state == "running",
            instance_type=instance.instance_type if instance else None,
            requester=eni.requester_id if eni.requester_managed else None,
        )

    def instances_with(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the instances with an interface whose id is chosen."""
        enis = list(self._backend.enis.values())
        found = (e.instance.id for e in enis if e.instance and chosen(e.id))
        return list(dict.fromkeys(found))

    def has_load_balancer(self, arn: str) -> bool:
        """Return whether the load balancer exists; its ARN contains its type."""
        return arn in elbv2_backends[self._account][self._region].load_balancers

    def has_endpoint(self, endpoint_id: str) -> bool:
        """Return whether the Gateway Load Balancer endpoint exists."""
        endpoint = self._backend.vpc_end_points.get(endpoint_id)
        return (
            endpoint is not None
            and endpoint.vpc_endpoint_type == "GatewayLoadBalancer"
            and endpoint.state != "deleted"
        )

    def has_prefix_list(self, prefix_list_id: str) -> bool:
        """Return whether the managed prefix list exists."""
        return prefix_list_id in self._backend.managed_prefix_lists

    def next_hops(self, vpc_id: str) -> Set[str]:
        """Return the active peering connections and transit gateways of a VPC."""
        return next_hops(self._backend, vpc_id)

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag resources; raises Ec2Error if one does not exist."""
        try:
            validate_resource_ids(resource_ids)
            self._backend.do_resources_exist(resource_ids)
            self._check_exist(resource_ids)
            self._backend.create_tags(resource_ids, tags)
        except ServiceException as error:
            raise Ec2Error(error.code, error.message) from error

    def _check_exist(self, resource_ids: list[str]) -> None:
        # moto's own check accepts unknown instances and interfaces.
        for resource_id in resource_ids:
            if resource_id.startswith("i-"):
                self._backend.get_instance(resource_id)
            elif resource_id.startswith("eni-"):
                self._backend.get_network_interface(resource_id)

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags, or all if none are given."""
        backend = self._backend
        for resource_id in resource_ids:
            all_tags = dict.fromkeys(self.tags_of(resource_id))
            backend.delete_tags([resource_id], tags or all_tags)

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of a resource; an unknown one has none."""
        return dict(self._backend.tags.get(resource_id, {}))

    def tags(self) -> list[TagRow]:
        """Return the tags of all resources."""
        return [
            TagRow(row["resource_id"], row["resource_type"], row["key"], row["value"])
            for row in self._backend.describe_tags()
        ]
