"""Ways to move traffic. One file each."""
