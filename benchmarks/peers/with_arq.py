"""arq's worker and client: `python -m benchmarks.peers.with_arq (worker | client TASKS) REDIS_URL CONCURRENCY`.

Its worker finds jobs by asking. By default it does so every 0.5 s, for 100 jobs at most: 200 a second. Here it asks
every 10 ms. Left at its default: results are kept for an hour.
"""

from __future__ import annotations

import sys

import uvloop
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker

from benchmarks.peers.exchange import report_succeeded, send_all

POLL_S = 0.01


async def noop(_context: object) -> None:
    """The job."""


async def send(url: str, tasks: int, concurrency: int) -> None:
    """Enqueue jobs, and count those that have ended well."""
    pool = await create_pool(RedisSettings.from_dsn(url))
    jobs = {}

    async def enqueue() -> str:
        job = await pool.enqueue_job("noop")
        jobs[job.job_id] = job
        return str(job.job_id)

    ids = await send_all(enqueue, tasks, concurrency)
    results = [await jobs[job_id].result_info() for job_id in ids]
    report_succeeded(sum(result is not None and result.success for result in results))
    await pool.aclose()


def work(url: str, concurrency: int) -> None:
    """Run jobs until SIGTERM."""
    uvloop.install()
    settings = RedisSettings.from_dsn(url)
    Worker(functions=[noop], redis_settings=settings, max_jobs=concurrency, poll_delay=POLL_S).run()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", url, concurrency]:
            work(url, int(concurrency))
        case ["client", tasks, url, concurrency]:
            uvloop.run(send(url, int(tasks), int(concurrency)))
        case _:
            sys.exit(__doc__)
