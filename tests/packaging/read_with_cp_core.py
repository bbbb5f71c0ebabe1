"""
Reads a request, and describes results, with cloudshell-cp-core's models.

Runs where cp-core is installed and this project isn't: JSON in, JSON out.
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


def main():
    """Answer what stands on standard input."""
    given = json.load(sys.stdin)
    actions = [
        asdict(action)
        for text in given["requests"]
        for action in BaseRequestActions._parse_request_actions(text, None)
    ]
    results = [vars(RESULTS[result["type"]](**result)) for result in given["results"]]
    empty = {name: vars(shape()) for name, shape in RESULTS.items()}
    json.dump({"actions": actions, "results": results, "empty": empty}, sys.stdout)


main()
