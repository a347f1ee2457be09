"""The data behind a rollout: each file is one way in which two versions get along with them."""
