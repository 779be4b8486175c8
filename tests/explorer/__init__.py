"""The race explorer: every order of the store operations of two replicas, on one and on two tasks, without a frontend.

A scenario lets a few actors (a submit, a cancel, a claim with its work, a crash, time that passes, ...) loose on two
replicas of the real use cases over the memory store. All orders of their operations are tried, and each must keep the
promises of design §4 (`judge.py`, `verdict.py`). What the store was asked for is written down as it came, and asked of
real Redis again in that order: every answer must be the same (`replay.py`).

There are 113 scenarios with 2 to about 1,300 orders each, some 18,400 in all; `interleavings.txt` has the number of
each. No enumeration stops at a limit, and orders are left out only where they differ from one that was tried in
neighbours that are independent (`turns.py` says which are, `test_pruning.py` tries the others too). A store operation
is one step, and so are the start and the end of work, a crash, and the passing of time.
"""
