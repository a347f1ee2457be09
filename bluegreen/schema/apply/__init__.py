"""Ways to apply a step to a schema, by kind. One file each; the folder is the registry."""
