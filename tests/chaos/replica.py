"""``python -m tests.chaos.replica serve``: the real service, but for executors that leave evidence.

``CHAOS_EVIDENCE`` names the directory of the evidence; everything else is set as for the service.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dishka import Provider, Scope
from litestar import Litestar

from adapters.executors.local import process
from adapters.system import SystemClock
from domain.execution import Failed, LeaseLapsed, WorkOrder
from domain.ports import Execution, Executor
from domain.values import Parameters
from entrypoints.cli.main import main
from entrypoints.container import make_container
from entrypoints.executors import make_executor
from entrypoints.http import server
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from tests.chaos.evidence import EvidenceFile
from tests.chaos.light import UNREPEATABLE, LightExecutor
from tests.chaos.witnessed import EVIDENCE, program

VARIABLE = "CHAOS_EVIDENCE"
LIGHT_SERVICES = ("hotcold", UNREPEATABLE)


class ByService:
    """Gives each service's work to the executor that knows it."""

    name = "chaos"
    outlives_us = False

    def __init__(self, special: Mapping[str, Executor], every: Executor) -> None:
        self._special = special
        self._every = every

    def check(self, service: str, parameters: Parameters) -> None:
        self._of(service).check(service, parameters)

    def is_repeatable(self, service: str) -> bool:
        return self._of(service).is_repeatable(service)

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed | LeaseLapsed:
        return await self._of(order.service).start(order, until)

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        return await self._of(order.service).attach(order, until)

    def _of(self, service: str) -> Executor:
        return self._special.get(service, self._every)


def chaos_app(settings: Settings) -> Litestar:
    """Return the service's application with these executors."""
    directory = Path(os.environ[VARIABLE])
    clock = SystemClock(settings.timezone)
    light = LightExecutor(EvidenceFile(directory / EVIDENCE), clock)
    executor = ByService(dict.fromkeys(LIGHT_SERVICES, light), make_executor(settings, clock))
    own = Provider(scope=Scope.APP)
    own.provide(lambda: executor, provides=Executor)
    return create_app(settings, make_container(settings, own))


if __name__ == "__main__":
    vars(process)["_PROGRAM"] = program(Path(os.environ[VARIABLE]))
    vars(server)["create_app"] = chaos_app
    main()
