"""What can go wrong. One file per kind: the file is all there is to add."""
