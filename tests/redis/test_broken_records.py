"""Records that the contract forbids: what can be repaired is, and what can't be read is left alone (contract §2)."""

import json

import pytest

from domain.errors import MalformedRecord, NotRegistered
from domain.ports import ConcurrentChange
from domain.task import Task
from domain.values import TaskStatus
from tests.frontend.standin.document import FrontendRecord, UnreadableRecord
from tests.redis.desk import TTL_MS, Desk, document, record_of, task_of
from tests.redis.office import Office

LATER = "2100-01-01T00:00:00+09:00"

BROKEN_FIELDS: dict[str, object] = {
    "logs": [None, {}, "a line", 7, ["fine", 5, None, {"x": 1}, "\ud83d\ude00"]],
    "result": [
        None,
        [],
        "done",
        {"pod_status": 5},
        {"launcher_output": ["x"]},
        {"pod_status": None, "launcher_output": 0},
    ],
    "active_jobs": [None, {}, "a-job", [1], [None]],
    "status": ["", "Running", "done"],
    "priority": [None, 1, "urgent", []],
    "updated_at": [None, 7, {}],
}
BREAKS = [(name, value) for name, values in BROKEN_FIELDS.items() for value in values]  # type: ignore[attr-defined]


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


async def live(desk: Desk) -> Task:
    return task_of(await desk.at_work("10"))


async def ended(desk: Desk) -> Task:
    return task_of(await desk.run("10"))


@pytest.mark.parametrize("begin", [live, ended])
@pytest.mark.parametrize(("name", "value"), BREAKS)
async def test_what_the_frontend_cannot_parse_is_repaired(
    desk: Desk, office: Office, begin: object, name: str, value: object
) -> None:
    assert callable(begin)
    task = await begin(desk)
    whole = await desk.shown("10")
    foreign = {"updated_at": LATER, "x_newer": [1.0, {}]}
    broken = json.dumps({**whole, **foreign, name: value}).encode()
    with pytest.raises(UnreadableRecord):
        FrontendRecord.parse(broken)
    await desk.put("10", broken)

    assert await office.reconcile(["10"]) == 1

    raw = await desk.raw("10")
    assert raw is not None
    shown = FrontendRecord.parse(raw)
    assert (shown.status, shown.priority, shown.active_jobs) == (task.status, task.priority, task.active_jobs)
    assert (shown.pod_status, shown.launcher_output) == (task.result.pod_status, task.result.launcher_output)
    assert set(task.lines) <= set(shown.logs)
    assert json.loads(raw)["x_newer"] == [1.0, {}]
    if name != "updated_at":
        assert shown.updated_at == LATER
    assert await office.reconcile(["10"]) == 0
    assert await desk.raw("10") == raw


@pytest.mark.parametrize("name", ["logs", "result"])
async def test_a_field_of_ours_that_is_missing_comes_back(desk: Desk, office: Office, name: str) -> None:
    await live(desk)
    whole = await desk.shown("10")
    await desk.put("10", {key: value for key, value in whole.items() if key != name})
    assert await office.reconcile(["10"]) == 1
    assert (await desk.shown("10"))[name] == whole[name]
    assert await office.reconcile(["10"]) == 0


async def test_lines_that_are_no_strings_become_strings(desk: Desk, office: Office) -> None:
    await live(desk)
    await desk.put("10", {**await desk.shown("10"), "logs": ["one", 2, None, {"three": []}]})
    await office.reconcile(["10"])
    logs = (await desk.shown("10"))["logs"]
    assert isinstance(logs, list)
    assert logs[:4] == ["one", "2", "null", '{"three": []}']


# --- what cannot be read ----------------------------------------------------------------------------------------


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in document("10").items() if key != name}).encode()


def having(**changes: object) -> bytes:
    return json.dumps(document("10", **changes)).encode()


UNREADABLE = {
    "empty": b"",
    "blank": b" ",
    "not JSON": b"task 10",
    "cut off": having()[:-1],
    "followed by more": having() + b"x",
    "an array": b"[]",
    "null": b"null",
    "a string": b'"10"',
    "a BOM first": b"\xef\xbb\xbf" + having(),
    "UTF-16": having().decode().encode("utf-16"),
    "no task_id": without("task_id"),
    "no service": without("service"),
    "no user_id": without("user_id"),
    "no status": without("status"),
    "a null user_id": having(user_id=None),
    "a number for a status": having(status=1),
    "another task_id": having(task_id="11"),
    "a number for a task_id": having(task_id=10),
    "parameters of null": having(parameters=None),
    "parameters in a list": having(parameters=["src"]),
    "a lone surrogate": having(parameters={"src": "\ud800"}),
    "a lone surrogate in a name": having(parameters={"\udfff": 1}),
    "bytes that are no UTF-8": having().replace(b"alice", b"al\xffce"),
    "not a number": having(parameters={"n": float("nan")}),
    "an infinity": having(x_newer=float("inf")),
    "deep parameters": having().replace(b'"/pvs/b"', b'{"a":' * 900 + b"1" + b"}" * 900),
    "too deep parameters": having().replace(b'"/pvs/b"', b"[" * 100_000 + b"]" * 100_000),
    "something unknown that is too deep": having(x_newer=7).replace(b": 7", b":" + b"[" * 100_000 + b"]" * 100_000),
    "a number with too many digits": having().replace(b'"/pvs/b"', b"9" * 5_000),
}


@pytest.mark.parametrize("stage", ["not submitted", "waiting", "at work", "ended"])
@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_an_unreadable_record_stays_as_it_is(desk: Desk, office: Office, stage: str, raw: bytes) -> None:
    match stage:
        case "waiting":
            await desk.accept("10")
        case "at work":
            await live(desk)
        case "ended":
            await ended(desk)
    ledger = await desk.redis.get("dms:scheduler:task:10")
    await desk.put("10", raw)
    await desk.redis.sadd("index:tasks", "10")
    expires_at = await desk.redis.pexpiretime("task:10")

    assert (await desk.load("10")).malformed
    for refused in (office.submit("10"), office.cancel("10"), office.change_priority("10")):
        with pytest.raises(MalformedRecord):
            await refused
    assert await office.reconcile(["10"]) == 0
    assert await office.settle() == []

    assert await desk.raw("10") == raw
    assert await desk.redis.pexpiretime("task:10") == expires_at
    assert await desk.redis.get("dms:scheduler:task:10") == ledger


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_work_goes_on_beside_an_unreadable_record(desk: Desk, office: Office, raw: bytes) -> None:
    await desk.accept("10")
    await desk.put("10", raw)
    assert await office.work() == 1
    done = await desk.load("10")
    assert task_of(done).status is TaskStatus.COMPLETED
    assert await desk.raw("10") == raw
    # When somebody puts the record right, it tells the truth again.
    await desk.put("10", document("10"))
    assert await office.reconcile(["10"]) == 1
    assert (await desk.shown("10"))["status"] == "completed"


@pytest.mark.parametrize("value", [True, 1, 10**400, "x" * 1_000_000, [[]] * 90, {"é": "é"}])
async def test_odd_but_readable_parameters_are_run(desk: Desk, office: Office, value: object) -> None:
    await desk.put("10", document("10", parameters={"odd": value}))
    await office.submit("10", parameters={"odd": value})
    assert await office.work() == 1
    shown = await desk.shown("10")
    assert (shown["status"], shown["parameters"]) == ("completed", {"odd": value})


# --- something that is no string --------------------------------------------------------------------------------


async def put_a_hash(desk: Desk) -> None:
    await desk.redis.delete("task:10")
    await desk.redis.hset("task:10", mapping={"service": "sync"})
    await desk.redis.pexpire("task:10", TTL_MS)


async def test_a_key_of_another_type_counts_as_no_record_and_stays(desk: Desk, office: Office) -> None:
    await put_a_hash(desk)
    for refused in (office.submit("10"), office.cancel("10"), office.change_priority("10")):
        with pytest.raises(NotRegistered):
            await refused
    assert await office.reconcile(["10"]) == 0
    assert await desk.redis.hgetall("task:10") == {b"service": b"sync"}


@pytest.mark.parametrize("begin", [live, ended])
async def test_a_record_that_became_another_type_is_never_destroyed(desk: Desk, office: Office, begin: object) -> None:
    assert callable(begin)
    await begin(desk)
    before = await desk.load("10")
    await put_a_hash(desk)
    expires_at = await desk.redis.pexpiretime("task:10")
    with pytest.raises(ConcurrentChange):
        await desk.store.commit(before, before.task, record_of(before))
    await office.reconcile(["10"])
    stands = await desk.load("10")
    assert task_of(stands).status is not TaskStatus.RUNNING  # to us the record was deleted, so the work is stopped
    with pytest.raises(NotRegistered):
        await office.cancel("10")
    assert await desk.redis.hgetall("task:10") == {b"service": b"sync"}
    assert await desk.redis.pexpiretime("task:10") == expires_at
