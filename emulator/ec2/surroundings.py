"""
What traffic mirroring looks up in the rest of EC2, and in the load balancers: moto's.

With moto_bridge.py, moto_nics.py and moto_wire.py one of the modules that know moto.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends, validate_resource_ids
from moto.elbv2.models import elbv2_backends

from emulator.ec2.errors import Ec2Error
from emulator.ec2.world import Interface, TagRow


class MotoSurroundings:
    """One account's ordinary EC2 in one region."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    @property
    def _backend(self) -> Any:
        return ec2_backends[self._account][self._region]

    def interface(self, interface_id: str) -> Interface | None:
        """Look up a network interface."""
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
        )

    def instances_with(self, chosen: Callable[[str], bool]) -> list[str]:
        """List the instances that have a network interface with a chosen id."""
        enis = list(self._backend.enis.values())
        found = (e.instance.id for e in enis if e.instance and chosen(e.id))
        return list(dict.fromkeys(found))

    def has_balancer(self, arn: str) -> bool:
        """Tell whether there is a load balancer with this ARN, which tells its kind."""
        return arn in elbv2_backends[self._account][self._region].load_balancers

    def has_endpoint(self, endpoint_id: str) -> bool:
        """Tell whether there is a Gateway Load Balancer endpoint with this id."""
        endpoint = self._backend.vpc_end_points.get(endpoint_id)
        return (
            endpoint is not None
            and endpoint.vpc_endpoint_type == "GatewayLoadBalancer"
            and endpoint.state != "deleted"
        )

    def has_prefix_list(self, prefix_list_id: str) -> bool:
        """Tell whether there is a managed prefix list with this id."""
        return prefix_list_id in self._backend.managed_prefix_lists

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag moto's own resources; raise for those that don't exist."""
        try:
            validate_resource_ids(resource_ids)
            self._backend.do_resources_exist(resource_ids)
            self._check_machines(resource_ids)
            self._backend.create_tags(resource_ids, tags)
        except ServiceException as error:
            raise Ec2Error(error.code, error.message) from error

    def _check_machines(self, resource_ids: list[str]) -> None:
        # moto's own check lets unknown instances and interfaces pass.
        for resource_id in resource_ids:
            if resource_id.startswith("i-"):
                self._backend.get_instance(resource_id)
            elif resource_id.startswith("eni-"):
                self._backend.get_network_interface(resource_id)

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags of moto's resources, or all where none are named."""
        backend = self._backend
        for resource_id in resource_ids:
            all_tags = dict.fromkeys(self.tags_of(resource_id))
            backend.delete_tags([resource_id], tags or all_tags)

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of one of moto's resources; unknown ones have none."""
        return dict(self._backend.tags.get(resource_id, {}))

    def tags(self) -> list[TagRow]:
        """List the tags of moto's own resources."""
        return [
            TagRow(row["resource_id"], row["resource_type"], row["key"], row["value"])
            for row in self._backend.describe_tags()
        ]
