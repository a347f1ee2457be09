"""The places that can serve. One file per way to have one; `places.py` is the port."""
