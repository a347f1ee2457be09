"""One engine at a time acts for a service. A lease gives that right, and a number that grows when it changes hands.

holder.py   who has it
watched.py  when a holder who says nothing counts as gone
local.py    a locked file: engines on one machine
place.py    where it is
store.py    a table of items that change all or nothing, only as expected: what a team shares
shared.py   the lease as an item in it
spec.py     `team:` in the rollout file
"""
