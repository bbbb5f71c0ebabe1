"""The tests; a package, because another of this name may be installed."""
