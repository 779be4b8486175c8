"""The process that stands between the scheduler and a mover.

One supervisor per task. It keeps the scheduler's rights and does three things: it starts a worker, it stops the worker
when it is told to or when the scheduler's lease runs out, and it tells how the work ended. The worker takes on the
user's rights before it touches a path, opens the paths safely, runs the mover and finishes the copy.

Standard library only, and little of it: a task waits for this process to start.
"""
