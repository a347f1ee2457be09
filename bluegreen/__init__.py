"""A blue/green rollout engine for AWS, and the command `bluegreen`."""

__version__ = "0.1.0"
