"""Fixtures and settings that all tests share."""

import gc
import logging
import os
from collections.abc import Iterator
from typing import Protocol

import pytest
import structlog
from hypothesis import settings

from entrypoints.logs import ServiceHandler
from tests.support.needs import in_ci, require_program, require_root
from tests.support.redis_server import RedisServer

# No deadlines anywhere: on a shared machine a slow example says nothing about the code.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if in_ci() else "dev"))


class StartRedis(Protocol):
    """Starts a Redis server for one test; see the fixture `start_redis`."""

    def __call__(self, *, replica_of: RedisServer | None = None, **options: str) -> RedisServer:
        """Options are those of redis.conf, with `_` for `-`: `start_redis(maxmemory="10mb")`."""
        ...


def pytest_collection_finish() -> None:
    """Leave what was loaded by now out of every look for garbage: it is much, and stays as long as the tests run."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Hold the tests with the mark `root` to what the mark says."""
    if item.get_closest_marker("root"):
        require_root()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what a test configures of the service's own logging: the next one sees lines at Python's defaults."""
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [each for each in root.handlers if isinstance(each, ServiceHandler)]:
        root.removeHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The Redis server of this test process. Leave its settings and its life alone: it is shared."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), program=require_program("redis-server"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of the shared server, emptied for this test."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def start_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartRedis]:
    """Starts servers for this test alone: to stop, to reconfigure, to replicate."""
    program = require_program("redis-server")
    servers: list[RedisServer] = []

    def start(*, replica_of: RedisServer | None = None, **options: str) -> RedisServer:
        chosen = {name.replace("_", "-"): value for name, value in options.items()}
        if replica_of is not None:
            chosen["replicaof"] = f"127.0.0.1 {replica_of.port}"
        server = RedisServer(tmp_path_factory.mktemp("own-redis"), chosen, program=program)
        servers.append(server)
        server.start()
        return server

    try:
        yield start
    finally:
        for server in servers:
            server.kill()
