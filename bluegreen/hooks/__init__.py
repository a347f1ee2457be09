"""Hooks: what people want done or asked at the stages of a rollout."""
