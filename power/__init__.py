"""The power of the harness: engines broken on purpose, and whether rehearsals find what is wrong with them."""
