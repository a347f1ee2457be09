"""Figures about speed. `make bench` prints each as `figure: value unit (goal)` and writes reports/bench.json."""
