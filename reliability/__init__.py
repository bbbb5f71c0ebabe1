"""The programs behind docs/reliability.md: each ends with status 1 if anything was lost."""
