"""`serve`: starts, says what is wrong, and ends in order."""

from __future__ import annotations

import os
import select
import signal
import socket
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from entrypoints.cli.local_redis import local_redis
from entrypoints.cli.problems import Problem
from tests.cli import program
from tests.support.needs import require_program
from tests.support.ports import free_port

PLACEHOLDER = {"DMS_EXECUTOR": "placeholder"}


@pytest.mark.slow
def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = program.run("serve", "--store", "memory", "--host", "127.0.0.1", "--port", port, env=PLACEHOLDER)
    assert ended.returncode == 2
    assert ended.stderr.startswith("dms-scheduler: ")
    assert port in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_memory_store_refuses_a_second_worker() -> None:
    ended = program.run("serve", "--store", "memory", "--workers", "2", env=PLACEHOLDER)
    assert ended.returncode == 2
    assert "DMS_WORKERS" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order(number: signal.Signals) -> None:
    port = str(free_port())
    with program.running(
        "serve", "--store", "memory", "--host", "127.0.0.1", "--port", port, env=PLACEHOLDER
    ) as service:
        service.lines_until('"recovered"')
        code, rest = service.end(number)
    assert code == 0
    assert "Traceback" not in rest


@pytest.mark.slow
def test_two_workers_end_in_order(redis_url: str) -> None:
    arguments = ("--workers", "2", "--host", "127.0.0.1", "--port", str(free_port()))
    with program.running("serve", *arguments, env={**PLACEHOLDER, "DMS_REDIS_WRITE_URL": redis_url}) as service:
        service.lines_until('"recovered"')
        service.lines_until('"recovered"')
        code, rest = service.end()
    assert code == 0
    assert "Traceback" not in rest


def test_the_local_redis_ends_with_the_service_however_it_ends(tmp_path: Path) -> None:
    require_program("redis-server")
    require_program("setpriv")
    arguments = ("serve", "--with-local-redis", "--port", str(free_port()))
    with program.running(*arguments, env={**PLACEHOLDER, "TMPDIR": str(tmp_path)}) as service:
        line = service.lines_until("export DMS_REDIS_WRITE_URL=")[-1]
        url = line.partition("DMS_REDIS_WRITE_URL=")[2].split()[0]
        with Redis.from_url(url) as redis:
            assert redis.ping()
            process = int(redis.info("server")["process_id"])
        service.end(signal.SIGKILL)
    wait_for_end(process)
    with Redis.from_url(url) as redis, pytest.raises(RedisAway):
        redis.ping()


def wait_for_end(process: int) -> None:
    """Return when a process that is no child of ours has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], program.LONG_S)[0]
    finally:
        os.close(handle)


def test_the_local_redis_answers_and_ends(tmp_path: Path) -> None:
    require_program("redis-server")
    with local_redis(tmp_path) as url, Redis.from_url(url) as redis:
        assert redis.ping()
    with Redis.from_url(url) as redis, pytest.raises(RedisAway):
        redis.ping()


def test_a_machine_without_redis_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="apt-get install redis-server"), local_redis(tmp_path):
        pass
