"""The Redis user of docs/operations.md is let do all that the service does."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from application.changeover import SettleUnowned
from domain.values import TaskStatus
from entrypoints.settings import StoreKind
from tests.conftest import StartRedis
from tests.docs.markdown import DOCS, blocks
from tests.http.service import running_service, settings, until


async def test_a_user_with_the_rights_of_the_page_can_do_everything(start_redis: StartRedis) -> None:
    server = start_redis()
    (rule,) = blocks(DOCS / "operations.md", "redis")
    _, _, name, *rights = command = shlex.split(rule)
    (password,) = (right[1:] for right in rights if right.startswith(">"))
    with server.client() as admin:
        admin.execute_command(*command)
        url = f"redis://{name}:{password}@{urlsplit(server.url).netloc}/0"
        chosen = settings(store=StoreKind.REDIS, redis_write_url=url, redis_read_url=url)
        async with running_service(chosen) as service:
            await until(lambda: service.client.get("/readyz"), lambda answer: answer.json().get("warnings") == [])
            service.executor.gate.clear()
            bodies = [await service.register() for _ in range(3)]
            for body in bodies:
                assert (await service.submit(body)).status_code == 202
            await service.becomes(bodies[0], TaskStatus.RUNNING)
            assert (await service.cancel(bodies[0])).status_code == 202
            await service.becomes(bodies[0], TaskStatus.CANCELLED)
            for method, path in (
                ("GET", "/tasks"),
                ("GET", "/queue"),
                ("GET", "/blocks"),
                ("POST", "/users/bob/block"),
                ("POST", "/users/bob/enable"),
                ("GET", f"/tasks/{bodies[1]['task_id']}"),
                ("GET", f"/tasks/{bodies[1]['task_id']}/why"),
                ("GET", f"/tasks/{bodies[1]['task_id']}/events"),
                ("POST", f"/tasks/{bodies[0]['task_id']}/retry"),
                ("POST", f"/tasks/{bodies[0]['task_id']}/cancel"),
                ("GET", "/audit"),
            ):
                assert (await service.admin(method, path)).status_code in (200, 202), path
            settle = await service.container.get(SettleUnowned)
            assert [settled async for settled in settle()] == []
            await service.delete_record(bodies[1])
        assert admin.acl_log() == []
