"""A scheduler in small, to be killed: starts one attempt on a cluster, prints its name, and follows it.

Arguments: the kubeconfig, the directory of the templates, and the accounts file.
"""

from __future__ import annotations

import asyncio
import sys

from adapters.executors.kubernetes.config import KubernetesConfig
from tests.executors.driving import begin, follow
from tests.kubernetes.making import executor_for, order


async def drive(kubeconfig: str, templates: str, accounts: str) -> None:
    """Run one copy."""
    mounts = {"/pvs": "pvs-claim", "/home/gpu1": "gpu1-home"}
    config = KubernetesConfig(templates=templates, mounts=mounts, kubeconfig=kubeconfig, accounts=accounts)
    execution = await begin(executor_for(config), order())
    print(execution.name, flush=True)
    await follow(execution)


if __name__ == "__main__":
    asyncio.run(drive(*sys.argv[1:4]))
