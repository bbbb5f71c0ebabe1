"""The programs behind docs/reliability.md."""
