"""Chaos on the real thing: real processes, real Redis and real movers under load, killed, frozen and cut off.

``python -m tests.chaos`` runs it. ``run.py`` tells one run's story, ``judge.py`` what counts as wrong.
"""
