"""AWS's lists of instance types, by examples of each kind."""

import pytest

from traffic_mirroring.plan.instance_types import can_be_source, sources_per_target


@pytest.mark.parametrize(
    "kind",
    [
        "t3.micro",
        "m7i-flex.large",
        "m4.large",  # Xen
        "f1.2xlarge",
        "u7in-16tb.224xlarge",
        "mac2-m2.metal",
        "mac2-m2pro.metal",
        "i3.metal",
        "p2.xlarge",
    ],
)
def test_a_type_of_the_list_can_be_a_source(kind):
    """Nitro versions 2 to 4, a few Xen types, and some bare metal."""
    assert can_be_source(kind)


@pytest.mark.parametrize(
    "kind",
    [
        "t2.micro",
        "m3.large",
        "c7gn.large",
        "m8g.large",
        "c8g.large",
        "i8g.large",
        "hpc7g.4xlarge",
        "m7i.metal-48xl",
        "u-6tb1.metal",
        "m99.large",
        "unknown",
    ],
)
def test_any_other_type_can_be_no_source(kind):
    """What is newer than the list runs on Nitro version 5 or later."""
    assert not can_be_source(kind)


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("m5.24xlarge", 100),
        ("m5.12xlarge", 10),
        ("c5.18xlarge", 100),
        ("u-6tb1.56xlarge", 100),
        ("p6-b300.48xlarge", 100),
        ("t2.micro", 10),
        ("m8g.48xlarge", 100),  # no source, but a target
    ],
)
def test_only_the_largest_types_take_a_hundred_sources(kind, limit):
    """AWS lists them by type and size."""
    assert sources_per_target(kind) == limit
