"""The contract's §4 held against the real scheduler: use cases and loops, under the stand-in for dms-frontend."""
