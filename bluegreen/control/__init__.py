"""How people outside of the engine's process reach it, and how they see where it is.

inbox.py    commands: sent once, taken until they are in the journal
local.py    an inbox as a folder beside the journal
shared.py   an inbox in a team's table
memory.py   an inbox in this process
signals.py  SIGINT and SIGTERM as the plan says
kept.py     one rollout as it is kept, and all that are
standing.py where a rollout stands, from its journal
words.py    that in words for a terminal
undo.py     the plan of the way back to the slot that was kept
"""
