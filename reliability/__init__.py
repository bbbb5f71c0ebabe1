"""The programs behind docs/reliability.md; each exits with 1 if anything was lost."""
