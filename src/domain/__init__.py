"""The pure core of DMS Scheduler: task lifecycle, block and dispatch policy, and reconciliation.

Standard library only, no I/O, no clock, no randomness: every rule is a function of its arguments. Start
with :mod:`domain.task` (the lifecycle), :mod:`domain.reconcile` (how our truth meets the shared record) and
:mod:`domain.dispatch` (who runs next). :mod:`domain.testing` offers Hypothesis strategies for all of it.
"""
