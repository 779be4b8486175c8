"""`dms-scheduler register`: write a task's record as the frontend does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Annotated

from cyclopts import Parameter

from application.ports import Registration
from domain.ports import StoreUnavailable
from entrypoints.cli.account import invoking_account
from entrypoints.cli.problems import Misuse, store_problem
from entrypoints.container import make_container
from entrypoints.settings import Settings, StoreKind


def register(
    service: str,
    /,
    *parameters: Annotated[str, Parameter(name="KEY=VALUE")],
    user: str | None = None,
) -> None:
    """Write a task's record to Redis as dms-frontend does, and print its id.

    The task is not submitted: POST /tasks/task with this id does that. It is a way to use the service without a
    frontend. Redis is the one at DMS_REDIS_WRITE_URL.

    Args:
        service: What is to be done, such as sync, cp or rm.
        parameters: The task's parameters, such as src=/pvs/a dst=/pvs/b. Values are strings.
        user: On whose behalf the work is done. Default: you.
    """
    settings = Settings.from_environment(os.environ)
    if settings.store is not StoreKind.REDIS:
        raise Misuse("a task can be registered in Redis only: nobody but its own process sees the memory store")
    print(asyncio.run(_register(settings, service, user or invoking_account(), parse_parameters(parameters))))


def parse_parameters(given: Sequence[str]) -> Mapping[str, str]:
    """Return what ``key=value`` arguments say. Raises Misuse."""
    parameters: dict[str, str] = {}
    for argument in given:
        key, equals, value = argument.partition("=")
        if not key or not equals:
            raise Misuse(f"{argument!r} is not of the form key=value")
        if key in parameters:
            raise Misuse(f"{key} is given twice")
        parameters[key] = value
    return parameters


async def _register(settings: Settings, service: str, user_id: str, parameters: Mapping[str, str]) -> str:
    container = make_container(settings)
    try:
        registration: Registration = await container.get(Registration)
        return await registration.register(service, user_id, parameters)
    except StoreUnavailable as error:
        raise store_problem(settings, error) from error
    finally:
        await container.close()
