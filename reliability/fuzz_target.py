"""
The process in which atheris mutates requests, guided by the coverage of the parsers.

Owns how bytes become a request. Its arguments are libFuzzer's. Must not know the
invariants.
https://llvm.org/docs/LibFuzzer.html
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["traffic_mirroring"]):
    from reliability.request_checks import check_request

from reliability.json_mutations import mutate_json
from reliability.request_names import NAMES


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change a request's structure, or any of its bytes, each half of the times."""
    choose = random.Random(seed)  # noqa: S311  # no secret
    if choose.random() < 0.5:
        with suppress(ValueError, RecursionError):
            changed = mutate_json(as_text(data), NAMES, choose).encode()
            if len(changed) <= max_size:
                return changed
    mutated: bytes = atheris.Mutate(data, max_size)
    return mutated


def as_text(data: bytes) -> str:
    """Return a text for any bytes; those that are no UTF-8 become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def run_one(data: bytes) -> None:
    """Check the request that the bytes are; an error ends the process."""
    check_request(as_text(data))


if __name__ == "__main__":
    atheris.Setup(sys.argv, run_one, custom_mutator=mutate)
    atheris.Fuzz()
