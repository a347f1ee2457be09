"""Changes of the schema: how a step is applied, and whether old and new code can both work with each state of it.

The spec needs no database driver; whoever runs statements is in `databases/`.
"""
