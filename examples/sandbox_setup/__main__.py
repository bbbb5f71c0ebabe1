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

# Sources and targets, by the Apps' names in the blueprint. By default, the primary NICs
# are used; "source_nic" and "target_nic" choose another one by its number (0 is the
# primary one), and "source_nic": "every" mirrors all NICs. The other fields are those
# of CreateTrafficMirroring, see docs/requests.md.
MIRRORS = [
    {"source": "web", "target": "capture"},
    {
        "source": "db",
        "source_nic": "every",
        "target": "capture",
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
