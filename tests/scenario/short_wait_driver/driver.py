"""
The product's driver with one attempt per call and waits of milliseconds.

Tests that provoke errors use it, so that they needn't wait for retries.
"""

import importlib.util
from pathlib import Path

from traffic_mirroring import Commands, Limits
from traffic_mirroring.aws.retries import RetryPolicy

_PATH = Path(__file__).parents[3] / "src" / "driver.py"
_SPEC = importlib.util.spec_from_file_location("product_driver", _PATH)
_product = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_product)


class TrafficMirroringDriver(_product.TrafficMirroringDriver):
    """The product's driver with other limits."""

    def __init__(self):
        self._commands = Commands(
            Limits(
                max_attempts=1,
                throttle_patience=0,
                retry_policy=RetryPolicy(first_wait=2, longest_wait=10),
            )
        )
