"""
The instance types whose network interface can be the target of 100 sources, not 10.

Owns: this list. Must not know: targets.

https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html
"""

from __future__ import annotations

_FAMILIES = {
    "3xlarge": "trn2",
    "4xlarge": "hpc7g p5",
    "8xlarge": "hpc7g",
    "12xlarge": "g6e g7e hpc7a m5zn x2iezn z1d",
    "16xlarge": "c6g c6gd c6gn c7gn g5g hpc7g i4g im4gn m6g m6gd r6g r6gd x2gd",
    "18xlarge": "c5 c5d c5n",
    "24xlarge": (
        "c5 c5d c8gb c8gn dl1 dl2q g6e g7e hpc7a i3en inf1 m5 m5d m5dn m5n m8azn m8gb"
        " m8gn p3dn p4d p4de r5 r5b r5d r5dn r5n r8gb r8gn vt1 x8aedz"
    ),
    "32xlarge": (
        "c6i c6id c6in hpc6id i4i m6i m6id m6idn m6in r6i r6id r6idn r6in r7iz trn1"
        " trn1n x2idn x2iedn"
    ),
    "36xlarge": "p6e-gb200",
    "48xlarge": (
        "c6a c7a c7i c8a c8g c8gb c8gd c8gn f2 g5 g6 g6e g7e hpc6a hpc7a i7i i7ie i8g"
        " i8ge inf2 m6a m7a m7i m8a m8g m8gb m8gd m8gn p5 p5e p5en p6-b200 p6-b300 r6a"
        " r7a r7i r8a r8g r8gb r8gd r8gn trn2 trn2u x8g"
    ),
    "56xlarge": "u-6tb1",
    "96xlarge": "c8i c8id hpc7a hpc8a m8i m8id r8i r8id x8i",
    "112xlarge": "u-12tb1 u-18tb1 u-24tb1 u-6tb1 u-9tb1 u7i-6tb u7i-8tb",
    "224xlarge": "u7i-12tb u7in-16tb u7in-24tb u7in-32tb",
    "480xlarge": "u7inh-32tb",
}

LARGE_TARGETS = frozenset(
    f"{family}.{size}"
    for size, families in _FAMILIES.items()
    for family in families.split()
)
