"""What may be wrong with a rollout file: one idea in each file, told as `bluegreen.preview.finding` shows."""
