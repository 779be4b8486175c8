"""`python -m benchmarks [COMMAND]`."""

from __future__ import annotations

import sys

from cyclopts import App

from benchmarks.end_to_end import end_to_end
from benchmarks.frontend_burst import frontend_burst
from benchmarks.growth import growth
from benchmarks.idle import idle
from benchmarks.movers.compare import movers
from benchmarks.peers.compare import peers
from benchmarks.recover import recover
from benchmarks.redis_cost import redis_cost
from benchmarks.redis_restarts import redis_restarts
from benchmarks.submit import submit
from benchmarks.take_over import take_over

EPILOGUE = """\
Each command starts what it needs (redis-server must be installed), prints a table and, as its last line, the same in \
JSON, and exits with 1 where a bound is exceeded."""

app = App(
    name="python -m benchmarks",
    help="Measure the service.",
    help_epilogue=EPILOGUE,
    version_flags=[],
    result_action="return_value",
)
app.command(redis_cost)
app.command(frontend_burst)
app.command(submit)
app.command(end_to_end)
app.command(growth)
app.command(recover)
app.command(idle)
app.command(take_over)
app.command(redis_restarts)
app.command(peers)
app.command(movers)

if __name__ == "__main__":
    sys.exit(app() or 0)
