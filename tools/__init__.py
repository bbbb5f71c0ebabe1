"""What is done with the project, and not in it."""
