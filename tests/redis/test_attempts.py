"""What is tried again, how often, within what bounds, and what is said at the end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis import attempts as attempts_module
from adapters.redis.attempts import MORE_TRIES, Attempts
from domain.ports import StoreUnavailable

SETTING = "DMS_REDIS_SOME_URL"
BUSY = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
IN_PIPELINE = "Command # 2 (EVALSHA 05ab 0 ('x',) ...) of pipeline caused error: (\"{}\",)"

PASSING = [
    RedisConnectionError("Error 111 connecting to 127.0.0.1:6379. Connection refused."),
    RedisConnectionError("No connection available."),
    RedisTimeoutError("Timeout reading from 127.0.0.1:6379"),
    BusyLoadingError("Redis is loading the dataset in memory", status_code="LOADING"),
    ReadOnlyError("You can't write against a read only replica.", status_code="READONLY"),
    MasterDownError("Link with MASTER is down", status_code="MASTERDOWN"),
    ResponseError(BUSY),
    ResponseError(IN_PIPELINE.format(BUSY)),
]
FINAL = [
    OutOfMemoryError("command not allowed when used memory > 'maxmemory'.", status_code="OOM"),
    ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."),
    ResponseError("NOREPLICAS Not enough good replicas to write."),
    ResponseError(IN_PIPELINE.format("NOREPLICAS Not enough good replicas to write.")),
    AuthenticationError("Authentication required.", status_code="NOAUTH"),
    AuthenticationError("invalid username-password pair or user is disabled.", status_code="WRONGPASS"),
    AuthenticationError("Client sent AUTH, but no password is set", status_code="ERR"),
    NoPermissionError("this user has no permissions to run the 'set' command", status_code="NOPERM"),
    ResponseError("The user executing the script can't run this command or subcommand script: 05ab", status_code="ERR"),
    ResponseError("ACL failure in script: User x has no permissions to run the 'set' command", status_code="ERR"),
]
UNKNOWN = [
    ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    ResponseError("user_script:7: Script attempted to access nonexistent global variable 'x'", status_code="ERR"),
    RedisError("something else"),
]


Try = Callable[[Callable[[], Awaitable[str]]], Awaitable[str]]


@pytest.fixture(params=["operation", "command"])
def attempt(request: pytest.FixtureRequest) -> Try:
    """Either way of having something tried."""
    attempts = Attempts(SETTING, 60.0)
    return attempts if request.param == "operation" else attempts.command


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(attempts_module, "_BACKOFF", NoBackoff())


def operation(*results: Exception | str) -> tuple[Callable[[], Awaitable[str]], list[str]]:
    """Something to try that raises or returns these, and then the last of them for ever; and the list of its tries."""
    left, tries = list(results), []

    async def do() -> str:
        tries.append("tried")
        result = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(result, Exception):
            raise result
        return result

    return do, tries


@pytest.mark.parametrize("error", PASSING, ids=str)
async def test_what_may_pass_is_tried_again_until_it_has_passed(attempt: Try, error: Exception) -> None:
    do, tries = operation(error, error, "done")
    assert await attempt(do) == "done"
    assert len(tries) == 3


@pytest.mark.parametrize("error", PASSING, ids=str)
async def test_a_few_tries_are_made_and_no_more(attempt: Try, error: Exception) -> None:
    do, tries = operation(error)
    with pytest.raises(StoreUnavailable):
        await attempt(do)
    assert len(tries) == 1 + MORE_TRIES


@pytest.mark.parametrize("error", [*FINAL, *UNKNOWN], ids=str)
async def test_what_no_try_can_help_is_tried_once(attempt: Try, error: Exception) -> None:
    do, tries = operation(error, "done")
    with pytest.raises(StoreUnavailable):
        await attempt(do)
    assert len(tries) == 1


@pytest.mark.parametrize("error", UNKNOWN, ids=str)
async def test_what_was_not_expected_is_logged_as_an_error_with_its_text(
    attempt: Try, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    do, _ = operation(error)
    with pytest.raises(StoreUnavailable) as raised:
        await attempt(do)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.__dict__["reason"] == str(error)
    assert str(error) in str(raised.value)


@pytest.mark.parametrize("error", [*PASSING, *FINAL], ids=str)
async def test_what_is_named_is_no_error_in_the_log(
    attempt: Try, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    do, _ = operation(error)
    with pytest.raises(StoreUnavailable):
        await attempt(do)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_refusal_of_our_identity_names_the_setting(attempt: Try) -> None:
    for error in FINAL[4:]:
        do, _ = operation(error)
        with pytest.raises(StoreUnavailable, match=SETTING):
            await attempt(do)


async def test_an_operation_that_hangs_is_given_up_and_the_latest_fault_is_told() -> None:
    hangs = asyncio.Event()

    async def never() -> None:
        await hangs.wait()

    with pytest.raises(StoreUnavailable, match="did not answer in time"):
        await Attempts(SETTING, 0.01)(never)

    faults = iter([BusyLoadingError("", status_code="LOADING")])

    async def loads_then_hangs() -> None:
        for fault in faults:
            raise fault
        await hangs.wait()

    with pytest.raises(StoreUnavailable, match="is loading its data"):
        await Attempts(SETTING, 0.01)(loads_then_hangs)


async def test_a_command_that_fails_and_then_hangs_is_given_up_too() -> None:
    hangs = asyncio.Event()
    faults = iter([BusyLoadingError("", status_code="LOADING")])

    async def loads_then_hangs() -> None:
        for fault in faults:
            raise fault
        await hangs.wait()

    with pytest.raises(StoreUnavailable, match="is loading its data"):
        await Attempts(SETTING, 0.05).command(loads_then_hangs)


async def test_a_command_that_takes_all_the_time_is_not_tried_again() -> None:
    async def takes_long() -> None:
        await asyncio.sleep(0.02)
        raise BusyLoadingError("", status_code="LOADING")

    with pytest.raises(StoreUnavailable, match="is loading its data"):
        await Attempts(SETTING, 0.01).command(takes_long)


async def test_whatever_is_not_of_redis_comes_through(attempt: Try) -> None:
    do, tries = operation(KeyError("x"))
    with pytest.raises(KeyError):
        await attempt(do)
    assert len(tries) == 1
