"""The data tier: what replication, streams, a database switchover and schema changes do to a cut-over.

Each file is one part of the world: pure, or driven by SimPy events, with what AWS does not publish as a field of its
spec. Errors of use are ValueErrors; which AWS error code they become is the business of `sim/cloud`.
"""
