"""The Data port on AWS: one file per way with the data."""
