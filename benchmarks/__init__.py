"""Measurements of the service, each one command: `python -m benchmarks` lists them."""
