"""Two PostgreSQL databases that somebody else keeps together, watched: how far replication is behind, and samples."""
