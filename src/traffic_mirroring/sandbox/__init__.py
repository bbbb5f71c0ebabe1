"""CloudShell: session number pools, the sandbox's output and its log."""
