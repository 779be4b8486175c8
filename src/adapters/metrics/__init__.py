"""Counting what happens, and telling it in Prometheus' formats."""
