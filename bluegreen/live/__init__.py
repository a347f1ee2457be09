"""A rollout watched while it runs: a page in the browser, and a picture in the terminal, of the same.

source.py    where its lines come from, and who hears its operators
followed.py  all that is known of it so far
now.py       where it stands now, for both pictures
board.py     the page's parts, numbered by their changes
site.py      what a browser can ask: the page, the events, and operators' commands
server.py    the site on an address, in a thread beside the engine
terminal.py  the picture in the terminal
"""
