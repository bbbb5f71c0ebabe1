"""
Set up a sandbox by CloudShell's default workflow, and mirror traffic between its Apps.

Edit MIRRORS; ../README.md describes how to add the script to CloudShell.
"""

from __future__ import annotations

from cloudshell.workflow.orchestration.sandbox import Sandbox
from cloudshell.workflow.orchestration.setup.default_setup_orchestrator import (
    DefaultSetupWorkflow,
)
from mirroring import create_mirrors

# The cloud provider resource's name; empty if there is only one of the shell's model.
PROVIDER = ""

# The mirrors, each with the actionParams of CreateTrafficMirroring, see
# docs/requests.md. Apps are named as in the blueprint; their primary NICs are used.
MIRRORS = [
    {"sourceAppName": "web", "targetAppName": "capture"},
    {
        "sourceAppName": "db",
        "targetAppName": "capture",
        "filterRules": [
            {
                "direction": "ingress",
                "protocol": "tcp",
                "destinationPortRange": {"fromPort": 5432, "toPort": 5432},
            }
        ],
    },
]


def mirror_traffic(sandbox, components):  # noqa: ARG001 the workflow passes both
    create_mirrors(sandbox.automation_api, sandbox.id, PROVIDER, MIRRORS)


def main():
    sandbox = Sandbox()
    DefaultSetupWorkflow().register(sandbox)
    # The Apps now have their NICs, but are not configured yet, so the traffic of their
    # configuration is mirrored, too.
    sandbox.workflow.on_connectivity_ended(mirror_traffic)
    sandbox.execute_setup()


if __name__ == "__main__":
    main()
