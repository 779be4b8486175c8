"""SAQ's worker and client: `python -m benchmarks.peers.with_saq (worker | client TASKS) REDIS_URL CONCURRENCY`.

Left at their defaults: the sweep of stuck jobs (every 60 s), the look for scheduled and aborted ones (every second),
the wait for the next job (BLMOVE without end) and how long an ended job is kept (600 s).
"""

from __future__ import annotations

import sys

import uvloop
from saq import Queue, Status, Worker

from benchmarks.peers.exchange import report_succeeded, send_all


async def noop(_context: object) -> None:
    """The job."""


async def work(url: str, concurrency: int) -> None:
    """Run jobs until SIGTERM."""
    queue = Queue.from_url(url)
    await queue.connect()
    await Worker(queue, functions=[noop], concurrency=concurrency).start()
    await queue.disconnect()


async def send(url: str, tasks: int, concurrency: int) -> None:
    """Enqueue jobs, and count those that have ended well."""
    queue = Queue.from_url(url)
    await queue.connect()

    async def enqueue() -> str:
        job = await queue.enqueue("noop")
        assert job is not None
        return str(job.key)

    keys = await send_all(enqueue, tasks, concurrency)
    jobs = await queue.jobs(keys)
    report_succeeded(sum(job is not None and job.status == Status.COMPLETE for job in jobs))
    await queue.disconnect()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", url, concurrency]:
            uvloop.run(work(url, int(concurrency)))
        case ["client", tasks, url, concurrency]:
            uvloop.run(send(url, int(tasks), int(concurrency)))
        case _:
            sys.exit(__doc__)
