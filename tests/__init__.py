"""The tests of the DMS Scheduler."""
