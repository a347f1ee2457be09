"""Single caches, event by event: slow, obvious, and independent of the closed forms."""

from heapq import heapify, heapreplace


def busy(rng, caches, lives, p, moments, kept=0.0):
    """The share of blue at ascending `moments`, seen through `caches` caches that ask again as soon as their answer has
    lived: for `lives[blue]`. With `kept`, through as many browsers, one for each cache, which keep for so long what it
    said. `p(t)`: how likely an answer at t names blue."""
    named = [False] * caches
    shown = [False] * caches
    events = [(start, False, i) for i, start in enumerate(rng.uniform(-max(lives), 0, caches) - 12 * max(lives))]
    if kept:
        events += [(start, True, i) for i, start in enumerate(rng.uniform(-kept, 0, caches))]
    heapify(events)
    shares = []
    for moment in moments:
        while events[0][0] <= moment:
            at, browser, i = events[0]
            if browser:
                shown[i] = named[i]
                heapreplace(events, (at + kept, True, i))
            else:
                named[i] = bool(rng.random() < p(at))
                heapreplace(events, (at + lives[named[i]], False, i))
        shares.append(sum(shown if kept else named) / caches)
    return shares


def asked(rng, caches, lives, p, edges, gap, failing=0.0, negative=0.0):
    """For each stretch between ascending `edges`: the share of requests that went to blue, of those that had an answer;
    and the share that had none. Requests come through each cache at random, `gap` apart in the mean."""
    begin = edges[0] - 20 * (max(lives) + gap)
    until, holds = [begin] * caches, [None] * caches
    events = [(begin + start, i) for i, start in enumerate(rng.uniform(0, max(lives) + gap, caches))]
    heapify(events)
    blues, without, all_of_them = ([0] * (len(edges) - 1) for _ in range(3))
    stretch = -1
    while events[0][0] < edges[-1]:
        at, i = events[0]
        if at >= until[i]:
            failed = failing and rng.random() < failing
            holds[i] = None if failed else bool(rng.random() < p(at))
            until[i] = at + (negative if failed else lives[holds[i]])
        while stretch + 1 < len(edges) and at >= edges[stretch + 1]:
            stretch += 1
        if stretch >= 0:
            all_of_them[stretch] += 1
            without[stretch] += holds[i] is None
            blues[stretch] += holds[i] is True
        heapreplace(events, (at + rng.exponential(gap), i))
    shares = [blue / (total - lost) for blue, total, lost in zip(blues, all_of_them, without, strict=True)]
    return shares, sum(without) / sum(all_of_them)
