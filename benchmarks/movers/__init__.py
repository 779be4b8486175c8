"""`python -m benchmarks movers`: the service beside the programs that move data."""
