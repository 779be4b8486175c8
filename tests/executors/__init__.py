"""Executors: one conformance suite for all, one for the movers, and what is special to the local one."""
