"""
Owns: which instance types can be sources, and how many sources a target NIC may have.

AWS's lists of Aug 28 2025. Neither follows from the hypervisor: sources run on Nitro
version 2 to 4 or on some Xen types, and versions 5 and 6, which are newer than the
list, can't be mirrored. So a type that is missing here can't be a source.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html
"""

from __future__ import annotations

SOURCE_FAMILIES = frozenset(
    # General purpose.
    "a1 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd "
    "m7i m7i-flex t3 t3a t4g "
    # Compute optimized.
    "c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7i c7i-flex "
    # Memory optimized.
    "r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i "
    "r7iz u-3tb1 u-6tb1 u-9tb1 u-12tb1 u-18tb1 u-24tb1 u7i-6tb u7i-8tb u7i-12tb "
    "u7in-16tb u7in-24tb u7in-32tb u7inh-32tb x1 x1e x2gd x2idn x2iedn x2iezn z1d "
    # Storage optimized.
    "d2 d3 d3en h1 i3 i3en i4g i4i i7i im4gn is4gen "
    # Accelerated; g3s and p2 only in the guide's entry of 2021.
    "dl1 dl2q f1 f2 g3 g3s g4ad g4dn g5 g5g g6 g6e g6f gr6 gr6f inf1 inf2 p2 p3 p3dn "
    "p4d p4de p5 p5e trn1 trn1n vt1 "
    # High performance computing.
    "hpc6a hpc6id hpc7a".split()
)
METAL_SOURCE_FAMILIES = frozenset(
    "a1 c5 c5d c6g c6gd g5g i3 m5 m5d m6g m6gd mac1 mac2 mac2-m1ultra mac2-m2 "
    "mac2-m2pro r5 r5b r5d r6g r6gd x2gd z1d".split()
)

USUAL_SOURCES = 10
MANY_SOURCES = 100
TARGETS_WITH_MANY_SOURCES = frozenset(
    f"{family}.{size}"
    for families, sizes in {
        # General purpose.
        "m5 m5d m5dn m5n m8azn": "24xlarge",
        "m5zn": "12xlarge",
        "m6a m7a m7i m8a m8g m8gd": "48xlarge",
        "m6g m6gd": "16xlarge",
        "m6i m6id m6idn m6in": "32xlarge",
        "m8gb m8gn": "24xlarge 48xlarge",
        "m8i m8id": "96xlarge",
        # Compute optimized.
        "c5": "18xlarge 24xlarge",
        "c5d": "24xlarge",
        "c5n": "18xlarge",
        "c6a c7a c7i c8a c8g c8gd": "48xlarge",
        "c6g c6gd c6gn c7gn": "16xlarge",
        "c6i c6id c6in": "32xlarge",
        "c8gb c8gn": "24xlarge 48xlarge",
        "c8i c8id": "96xlarge",
        # Memory optimized.
        "r5 r5b r5d r5dn r5n": "24xlarge",
        "r6a r7a r7i r8a r8g r8gd": "48xlarge",
        "r6g r6gd": "16xlarge",
        "r6i r6id r6idn r6in r7iz": "32xlarge",
        "r8gb r8gn": "24xlarge 48xlarge",
        "r8i r8id": "96xlarge",
        "u-6tb1": "56xlarge 112xlarge",
        "u-9tb1 u-12tb1 u-18tb1 u-24tb1 u7i-6tb u7i-8tb": "112xlarge",
        "u7i-12tb u7in-16tb u7in-24tb u7in-32tb": "224xlarge",
        "u7inh-32tb": "480xlarge",
        "x2gd": "16xlarge",
        "x2idn x2iedn": "32xlarge",
        "x2iezn z1d": "12xlarge",
        "x8g": "48xlarge",
        "x8aedz": "24xlarge",
        "x8i": "96xlarge",
        # Storage optimized.
        "i3en": "24xlarge",
        "i4g im4gn": "16xlarge",
        "i4i": "32xlarge",
        "i7i i7ie i8g i8ge": "48xlarge",
        # Accelerated.
        "dl1 dl2q inf1 p3dn p4d p4de vt1": "24xlarge",
        "f2 g5 g6 inf2 p5e p5en p6-b200 p6-b300 trn2u": "48xlarge",
        "g5g": "16xlarge",
        "g6e g7e": "12xlarge 24xlarge 48xlarge",
        "p5": "4xlarge 48xlarge",
        "p6e-gb200": "36xlarge",
        "trn1 trn1n": "32xlarge",
        "trn2": "3xlarge 48xlarge",
        # High performance computing.
        "hpc6a": "48xlarge",
        "hpc6id": "32xlarge",
        "hpc7a": "12xlarge 24xlarge 48xlarge 96xlarge",
        "hpc7g": "4xlarge 8xlarge 16xlarge",
        "hpc8a": "96xlarge",
    }.items()
    for family in families.split()
    for size in sizes.split()
)


def can_be_source(instance_type: str) -> bool:
    """Return whether AWS mirrors the traffic of such instances."""
    family, _, size = instance_type.rpartition(".")
    if size.startswith("metal"):
        return family in METAL_SOURCE_FAMILIES
    return family in SOURCE_FAMILIES


def sources_per_target(instance_type: str) -> int:
    """Return how many sources a NIC of such an instance may have as a target."""
    if instance_type in TARGETS_WITH_MANY_SOURCES:
        return MANY_SOURCES
    return USUAL_SOURCES
