"""
The product's driver with one more command, which counts what the process holds.

Only a driver process itself can count its log handlers and locks.
"""

import ctypes
import gc
import importlib.util
import json
import logging
import sys
import threading
from pathlib import Path

_PATH = Path(__file__).parents[2] / "src" / "driver.py"
_SPEC = importlib.util.spec_from_file_location("product_driver", _PATH)
_product = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_product)


class TrafficMirroringDriver(_product.TrafficMirroringDriver):
    """The product's driver, which can be looked into."""

    def count_objects(self, context):  # noqa: ARG002  # every command has a context
        """Free unused memory; return what the process holds, as JSON."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # glibc keeps freed memory otherwise
        objects = gc.get_objects()
        sandbox_locks = self._commands._sandbox_locks
        target_locks = self._commands._target_locks._entries
        return json.dumps(
            {
                "objects": len(objects),
                "blocks": sys.getallocatedblocks(),
                "handlers": sum(isinstance(each, logging.Handler) for each in objects),
                "loggers": len(logging.root.manager.loggerDict),
                "locks": len(sandbox_locks) + len(target_locks),
                "threads": threading.active_count() - 1,  # without this command's
            }
        )
