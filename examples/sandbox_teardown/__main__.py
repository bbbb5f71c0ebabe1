"""
Remove a sandbox's traffic mirroring, and tear it down by CloudShell's default workflow.

../README.md describes how to add the script to CloudShell.
"""

from __future__ import annotations

from cloudshell.workflow.orchestration.sandbox import Sandbox
from cloudshell.workflow.orchestration.teardown.default_teardown_orchestrator import (
    DefaultTeardownWorkflow,
)
from mirroring import remove_mirrors, write_error

# The cloud provider resource's name; empty if there is only one of the shell's model.
PROVIDER = ""


def stop_mirroring(sandbox, components):  # noqa: ARG001 the workflow passes both
    try:
        remove_mirrors(sandbox.automation_api, sandbox.id, PROVIDER)
    except Exception as error:
        # The teardown must go on, but its user must know what may remain in AWS.
        sandbox.logger.exception("Traffic mirroring was not cleaned up")
        write_error(
            sandbox.automation_api,
            sandbox.id,
            f"Traffic mirroring was not cleaned up, and may remain in AWS: {error}",
        )


def main():
    sandbox = Sandbox()
    DefaultTeardownWorkflow().register(sandbox)
    # Mirrors are removed before the Apps, so that the NICs can be deleted.
    sandbox.workflow.before_teardown_started(stop_mirroring)
    sandbox.execute_teardown()


if __name__ == "__main__":
    main()
