"""Flows: one per command, and what they share."""
