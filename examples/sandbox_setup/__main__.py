"""
Set a sandbox up as CloudShell does by default, and mirror traffic between its Apps.

Edit MIRRORS; README.md beside this folder says how the script gets into CloudShell.
"""

from __future__ import annotations

from cloudshell.workflow.orchestration.sandbox import Sandbox
from cloudshell.workflow.orchestration.setup.default_setup_orchestrator import (
    DefaultSetupWorkflow,
)
from mirroring import create_mirrors

# The cloud provider resource's name; empty if there is only one of the shell's model.
PROVIDER = ""

# Whose traffic goes to whom, by the Apps' names in the blueprint. An App with several
# NICs takes part with its primary one; "source_nic" and "target_nic" take another by
# its number (0 is the primary one), and "source_nic": "every" mirrors them all.
# Any other field is CreateTrafficMirroring's own, as docs/requests.md describes it.
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
    # From here on the Apps have their NICs, and nothing has configured them yet: what
    # they say while they are configured is mirrored already.
    sandbox.workflow.on_connectivity_ended(mirror_traffic)
    sandbox.execute_setup()


if __name__ == "__main__":
    main()
