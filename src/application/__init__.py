"""Use cases of DMS Scheduler, one class each, and the loops that run beside them. Imports the domain only."""
