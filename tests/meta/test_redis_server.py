import os
import signal
import time
from collections.abc import Callable

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from tests.conftest import StartRedis
from tests.support import ports
from tests.support.redis_server import RedisServer


def _eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _get(server: RedisServer, key: str) -> object:
    with server.client() as client:
        return client.get(key)


def _set(server: RedisServer, key: str, value: str) -> None:
    with server.client() as client:
        client.set(key, value)


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_gets_a_real_and_empty_database(redis_url: str, round_: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.dbsize() == 0
        client.set("left-over", round_)


def test_a_replica_follows_its_primary(start_redis: StartRedis) -> None:
    primary = start_redis()
    replica = start_redis(replica_of=primary)
    _set(primary, "task:1", "moved")
    assert _eventually(lambda: _get(replica, "task:1") == "moved")


def test_options_reach_the_server(start_redis: StartRedis) -> None:
    server = start_redis(maxmemory="10mb", maxmemory_policy="noeviction", requirepass="s3cret")
    server.config_set("maxmemory", "20mb")
    with Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("maxmemory*policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("maxmemory") == {"maxmemory": str(20 * 1024 * 1024)}


def test_a_restart_keeps_port_and_appended_data(start_redis: StartRedis) -> None:
    server = start_redis(appendonly="yes", appendfsync="always")
    port, pid = server.port, server.pid
    _set(server, "kept", "yes")
    server.kill()
    with pytest.raises(RedisConnectionError):
        _get(server, "kept")
    server.restart()
    assert (server.port, _get(server, "kept")) == (port, "yes")
    assert server.pid != pid


def test_a_stopped_server_has_no_process(start_redis: StartRedis) -> None:
    server = start_redis()
    pid = server.pid
    server.stop()
    server.stop()
    assert not server.running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)


def test_a_paused_server_is_silent_and_can_be_ended(start_redis: StartRedis) -> None:
    server = start_redis()
    with Redis(port=server.port, socket_timeout=0.1, retry=Retry(NoBackoff(), 0)) as client:
        assert client.ping()
        server.pause()
        with pytest.raises(RedisTimeoutError):
            client.ping()
    server.stop()
    assert not server.running


def test_a_taken_port_is_left_for_another(
    start_redis: StartRedis, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = iter([redis_server.port, redis_server.port])
    real_free_port = ports.free_port
    monkeypatch.setattr(ports, "free_port", lambda: next(taken, None) or real_free_port())
    assert start_redis().port != redis_server.port


def test_a_server_that_cannot_start_says_why(start_redis: StartRedis) -> None:
    with pytest.raises(RuntimeError, match="no-such-option"):
        start_redis(no_such_option="1")
