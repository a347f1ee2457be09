"""CloudWatch's insides: points, percentiles, metric math, alarms and their states. `sim.metrics` puts them together.

measures.py     what is measured, and by which statistics
names.py        what that is called in CloudWatch
mixture.py      percentiles of a time from those of its stretches
store.py        the points: which there are, and from when on they can be read
rules.py        the rules of composite alarms
watched.py      the values that an alarm looks at
states.py       alarms' states, why and when they changed
"""
