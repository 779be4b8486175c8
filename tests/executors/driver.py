"""A scheduler in small, to be killed or frozen: runs a script as a mover, and prints its process ids, then its end.

Arguments: a directory that holds ``source``, the script, and the lease in seconds, which is renewed at each third.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

if __name__ == "__main__":
    here = Path(__file__).resolve()
    sys.path[:0] = [str(here.parents[2] / "src"), str(here.parents[2])]

from domain.execution import Report
from domain.ports import Execution
from tests.executors.driving import begin, order, until
from tests.executors.fake_movers import with_script


async def drive(root: str, script: str, lease_s: float) -> None:
    """Run one copy to its end."""
    executor = with_script(Path(root), script, kill_grace_s=600)
    execution = await begin(executor, order("cp", {"src": f"{root}/source", "dst": f"{root}/target"}), lease_s)
    renewing = asyncio.create_task(_renew(execution, lease_s))
    printed = False
    async for told in execution.reports():
        if isinstance(told, Report):
            said = (told.result.launcher_output or "") if told.result else ""
            words = [line.split() for line in said.splitlines()]
            if len(words) == 2 and not printed:
                printed = True
                for line in words:
                    print(line[1], flush=True)
        else:
            print(type(told).__name__, flush=True)
    renewing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await renewing


async def _renew(execution: Execution, lease_s: float) -> None:
    while True:
        await asyncio.sleep(lease_s / 3)
        await execution.extend(until(lease_s))


if __name__ == "__main__":
    asyncio.run(drive(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 600.0))
