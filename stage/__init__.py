"""The stage: the same rollout and the same engine on loopback, with real sockets, real processes and real DNS.

Between a rehearsal, where nothing is real, and AWS, where everything is. It reuses the world's vocabulary (scenario
files, faults, alarm evaluation) and none of its models: what it tells was measured.
"""
