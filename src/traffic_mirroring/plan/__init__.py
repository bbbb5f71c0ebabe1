"""Decisions: what a command has to do, given what exists."""
