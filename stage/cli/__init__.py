"""Commands that the stage adds."""
