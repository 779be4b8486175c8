"""Celery's worker and client: `python -m benchmarks.peers.with_celery (worker | client TASKS) REDIS_URL CONCURRENCY`.

Its pool of threads runs as many tasks at a time as the others do, in one process as they do. (`solo` runs one at a
time, and `prefork` one in each process more.) Results are in the database that the URL names, messages in database 1,
so that results can be counted at no cost to anybody. Left at its default: results are kept for a day.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from celery.states import SUCCESS

from benchmarks.peers.exchange import announced_sending, report_succeeded

PREFETCH = 128
"""Per slot: for many short tasks Celery's guide advises 64 or 128."""


def application(url: str, concurrency: int) -> Celery:
    """Return the application with its one task."""
    app = Celery("peers", broker=f"{url.rpartition('/')[0]}/1", backend=url)
    app.conf.update(
        broker_pool_limit=concurrency, worker_prefetch_multiplier=PREFETCH, worker_enable_remote_control=False
    )
    app.task(name="noop")(noop)
    return app


def noop() -> None:
    """The job."""


def work(url: str, concurrency: int) -> None:
    """Run jobs until SIGTERM."""
    quiet = ["--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    app = application(url, concurrency)
    app.worker_main(
        ["worker", "--pool=threads", f"--concurrency={concurrency}", f"--hostname={os.getpid()}@%h", *quiet]
    )


def send(url: str, tasks: int, concurrency: int) -> None:
    """Enqueue jobs from as many threads as may be sent at a time, and count those that have ended well."""
    app = application(url, concurrency)
    task = app.tasks["noop"]
    with announced_sending(), ThreadPoolExecutor(concurrency) as threads:
        results = list(threads.map(lambda _: task.delay(), range(tasks)))
    report_succeeded(sum(app.AsyncResult(result.id).state == SUCCESS for result in results))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", url, concurrency]:
            work(url, int(concurrency))
        case ["client", tasks, url, concurrency]:
            send(url, int(tasks), int(concurrency))
        case _:
            sys.exit(__doc__)
