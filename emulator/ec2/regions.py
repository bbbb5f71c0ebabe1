"""
The regions and partitions of AWS, from botocore's data.

Owns: their names. Must not know: what is in them.
"""

from __future__ import annotations

from functools import cache

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver


@cache
def _resolver() -> EndpointResolver:
    return EndpointResolver(create_loader().load_data("endpoints"))


@cache
def known_regions() -> frozenset[str]:
    """Return the regions of EC2 in all partitions."""
    return frozenset(
        region
        for partition in _resolver().get_available_partitions()
        for region in _resolver().get_available_endpoints("ec2", partition)
    )


@cache
def partition_of(region: str) -> str:
    """Return the partition of a region: aws, aws-cn, aws-us-gov..."""
    return str(_resolver().get_partition_for_region(region))
