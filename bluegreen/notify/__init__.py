"""Ways to tell people what a rollout does. One file each; the folder is the registry."""
