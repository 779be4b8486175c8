"""The local executor: moves data on this machine with rclone or rsync.

Kept free of imports, because the supervisor (a process of its own, see :mod:`.supervisor`) is started once per task
and imports this package on its way.
"""
