"""How resources are made, one file for each family of types. `makers.py` lists them."""
