"""What will happen, told before it does: `plan`, `lint` and `policy`. Works on the rollout file alone, without AWS.

`ideal` is an outside in which all goes well; the real engine walks through it (`walk`), and from that walk come the
expected times, the calls, the machine hours. What may happen at the worst comes from the plan's own limits.
"""
