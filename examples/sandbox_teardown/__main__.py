"""
Remove a sandbox's traffic mirroring, and tear it down as CloudShell does by default.

README.md beside this folder says how the script gets into CloudShell.
"""

from __future__ import annotations

from cloudshell.workflow.orchestration.sandbox import Sandbox
from cloudshell.workflow.orchestration.teardown.default_teardown_orchestrator import (
    DefaultTeardownWorkflow,
)
from mirroring import remove_mirrors, tell_error

# The cloud provider resource's name; empty if there is only one of the shell's model.
PROVIDER = ""


def stop_mirroring(sandbox, components):  # noqa: ARG001 the workflow passes both
    try:
        remove_mirrors(sandbox.automation_api, sandbox.id, PROVIDER)
    except Exception as error:
        # The sandbox has to end all the same; somebody has to know what it leaves.
        sandbox.logger.exception("Traffic mirroring was not cleaned up")
        tell_error(
            sandbox.automation_api,
            sandbox.id,
            f"Traffic mirroring was not cleaned up, and may remain in AWS: {error}",
        )


def main():
    sandbox = Sandbox()
    DefaultTeardownWorkflow().register(sandbox)
    # Mirrors first, then the Apps: nothing holds on to a NIC that is to be deleted.
    sandbox.workflow.before_teardown_started(stop_mirroring)
    sandbox.execute_teardown()


if __name__ == "__main__":
    main()
