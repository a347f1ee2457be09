"""One planted bug in each file."""
