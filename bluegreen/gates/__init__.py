"""Who judges the candidate during holds. One file per kind; all pure."""
