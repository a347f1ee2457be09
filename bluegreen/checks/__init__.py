"""Checks by kind. One file each; the folder is the registry."""
