"""The regions that AWS has, as botocore knows them."""

from __future__ import annotations

from functools import cache

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver


@cache
def _resolver() -> EndpointResolver:
    return EndpointResolver(create_loader().load_data("endpoints"))


@cache
def known_regions() -> frozenset[str]:
    """List the regions of EC2 in all partitions."""
    return frozenset(
        region
        for partition in _resolver().get_available_partitions()
        for region in _resolver().get_available_endpoints("ec2", partition)
    )


@cache
def partition_of(region: str) -> str:
    """Name the partition that a known region is in: aws, aws-cn, aws-us-gov..."""
    return str(_resolver().get_partition_for_region(region))
