"""Executors: who does the work of a task. Each implements :class:`domain.ports.Executor`."""
