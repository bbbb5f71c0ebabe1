"""CloudShell: session number pools, the output console, the log."""
