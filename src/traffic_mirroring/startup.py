"""
Exclude long-lived imports from garbage collection.

boto3 and its model of EC2 are a hundred thousand objects, none of which is garbage.
https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_frozen() -> Iterator[None]:
    """Pause the garbage collector in the block, then freeze all objects that exist."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
