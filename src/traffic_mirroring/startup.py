"""
What lasts as long as the process, kept from Python's garbage collector.

boto3 and its model of EC2 are a hundred thousand objects, and none is garbage.
https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_frozen() -> Iterator[None]:
    """Collect nothing in the block, and never look again at what stands at its end."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
