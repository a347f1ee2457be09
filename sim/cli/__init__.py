"""The commands of the simulated side, found by entry point."""
