"""
Reads requests and builds results with cloudshell-cp-core's models.

Runs in an environment with cp-core and without this project; JSON in, JSON out.
"""

import json
import sys
from dataclasses import asdict

from cloudshell.cp.core.request_actions import models
from cloudshell.cp.core.request_actions.base import BaseRequestActions

RESULTS = {
    "CreateTrafficMirroring": models.TrafficMirroringResult,
    "RemoveTrafficMirroring": models.RemoveTrafficMirroringResult,
    "CleanupNetwork": models.CleanupNetworkResult,
}


def read(result):
    """Read the fields that cp-core knows."""
    shape = RESULTS[result["type"]]
    known = vars(shape()).keys() & result.keys()
    return vars(shape(**{name: result[name] for name in known}))


def main():
    """Read requests and results from stdin and write cp-core's view of them."""
    given = json.load(sys.stdin)
    actions = [
        asdict(action)
        for text in given["requests"]
        for action in BaseRequestActions._parse_request_actions(text, None)
    ]
    results = [read(result) for result in given["results"]]
    empty = {name: vars(shape()) for name, shape in RESULTS.items()}
    json.dump({"actions": actions, "results": results, "empty": empty}, sys.stdout)


main()
