"""CloudWatch's metric math, worked out here: for gates on what was read, and for the rehearsal's CloudWatch.

formula.py   the language; points.py: what its operators and functions do to points
"""
