"""
Repeats one signed request with http.client: the upper bound for the emulator's rate.

Reads the request from stdin; writes the seconds that all repetitions took.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection


def main() -> None:
    """Send the requests over persistent connections."""
    job = json.load(sys.stdin)
    started = time.monotonic()
    with ThreadPoolExecutor(job["concurrency"]) as pool:
        list(pool.map(_send, [job] * job["concurrency"]))
    print(time.monotonic() - started)  # noqa: T201 - the answer


def _send(job):
    connection = HTTPConnection(job["host"], job["port"])
    for _ in range(job["calls"] // job["concurrency"]):
        connection.request("POST", "/", job["body"], job["headers"])
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the emulator answered {answer.status}")


if __name__ == "__main__":
    main()
