"""The use cases and loops, on the memory store, in virtual time."""
