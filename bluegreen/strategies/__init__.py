"""In which steps traffic moves. One file per kind."""
