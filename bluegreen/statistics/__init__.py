"""Statistics that gates judge by: pure functions on counts and samples. What a file needs of scipy it imports when it
is first called, so that whoever judges by thresholds does not pay for it.

sequential.py   is one error rate above another, or above a limit? May be asked as often as one likes
mannwhitney.py  is one sample larger than another, as Kayenta judges it?
power.py        how often a gate would be wrong, and how soon right
"""
