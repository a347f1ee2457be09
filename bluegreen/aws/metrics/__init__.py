"""Where measurements come from. One file each."""
