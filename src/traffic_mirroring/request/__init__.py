"""Requests: JSON text to actions, results to JSON text."""
