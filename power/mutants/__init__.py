"""Mutation testing: small changes of what decides, gates and strategies, and whether the fast tests notice them."""
