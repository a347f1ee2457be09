"""Two stores while both serve: a copier for DynamoDB streams, one way or both ways, and a comparison of samples.

marks.py     two attributes of an item: which version it is, and what of the other side is in it
change.py    a record of a stream -> what happened to an item
judging.py   what becomes of a change where it arrives. Pure
merging.py   a team's own rule for writes that did not know of each other
ports.py     the tables and streams that stand behind it
state.py     what must outlive the copier: positions, counts, deletes, overwritten writes
shards.py    which shard is read next, and whether the stream has forgotten what was not read. Pure
carrying.py  one change, carried over: safe to repeat
direction.py one way: the baseline copy, and one stream after it
copier.py    both ways, under one lease
compare.py   samples of two stores, side by side
spec.py      the file that people write
"""
