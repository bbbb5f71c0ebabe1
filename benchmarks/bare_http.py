"""
One signed request again and again, by http.client: what the emulator answers at most.

It reads the request from stdin and writes the seconds that all of them took.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection


def main() -> None:
    """Send the request over connections that are kept alive."""
    job = json.load(sys.stdin)
    started = time.monotonic()
    with ThreadPoolExecutor(job["side_by_side"]) as pool:
        list(pool.map(_send, [job] * job["side_by_side"]))
    print(time.monotonic() - started)  # noqa: T201 - the answer


def _send(job):
    connection = HTTPConnection(job["host"], job["port"])
    for _ in range(job["calls"] // job["side_by_side"]):
        connection.request("POST", "/", job["body"], job["headers"])
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the emulator answered {answer.status}")


if __name__ == "__main__":
    main()
