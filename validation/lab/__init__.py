"""A real caching resolver on the loopback, between an authority of ours and a crowd of simulated users."""
