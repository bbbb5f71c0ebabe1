"""Requests from JSON text to actions, and results to JSON text."""
