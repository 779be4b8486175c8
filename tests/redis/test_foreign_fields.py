"""What we don't know in a record, or don't change, comes back byte for byte (contract §2)."""

import json
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.redis.endpoints import RedisEndpoints
from domain.task import Task
from domain.values import TaskStatus
from tests.redis.desk import Desk, document, record_of, task_of
from tests.redis.documents import OURS, OURS_IN_RESULT, Written, records
from tests.redis.raw_json import raw_fields

on_one_server = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@on_one_server
@given(written=records("10"))
async def test_a_whole_task_life_changes_our_fields_alone(endpoints: RedisEndpoints, written: Written) -> None:
    await endpoints.write.flushall()
    desk = Desk(endpoints)
    await desk.put("10", written.bytes())
    await desk.accept_as_it_stands("10")
    (claimed,) = await desk.claim()
    done = await desk.complete(await desk.start(claimed))
    assert task_of(done).status is TaskStatus.COMPLETED

    raw = await desk.raw("10")
    assert raw is not None
    fields, result = raw_fields(raw.decode()), raw_fields(raw_fields(raw.decode())["result"])
    assert {name: fields[name] for name in fields if name not in OURS} == {
        name: value for name, value in written.fields.items() if name not in OURS
    }
    assert {name: result[name] for name in result if name not in OURS_IN_RESULT} == {
        name: value for name, value in written.result.items() if name not in OURS_IN_RESULT
    }
    # The order of the fields stays too; what was missing stands behind.
    assert [name for name in fields if name in written.fields] == list(written.fields)
    assert list(result) == list(written.result)
    shown = json.loads(raw)
    assert (shown["status"], shown["result"]["launcher_output"], shown["priority"]) == ("completed", "done", "low")


@on_one_server
@given(written=records("10"))
async def test_the_ledger_keeps_the_parameters(endpoints: RedisEndpoints, written: Written) -> None:
    await endpoints.write.flushall()
    desk = Desk(endpoints)
    await desk.put("10", written.bytes())
    accepted = await desk.accept_as_it_stands("10")
    loaded = await desk.load("10")
    assert loaded == accepted
    # repr tells 1 from 1.0 and from true.
    assert repr(task_of(loaded).parameters) == repr(record_of(loaded).parameters)
    assert repr(record_of(loaded).parameters) == repr(json.loads(written.fields["parameters"]))


@on_one_server
@given(written=records("10"), lines=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
async def test_foreign_lines_are_kept_as_they_are(
    endpoints: RedisEndpoints, written: Written, lines: list[str]
) -> None:
    await endpoints.write.flushall()
    desk = Desk(endpoints)
    fields = {**written.fields, "logs": json.dumps(lines)}
    await desk.put("10", Written(fields, written.result, written.gap).bytes())
    await desk.accept_as_it_stands("10")
    shown = await desk.shown("10")
    assert set(lines) <= set(task_of(await desk.load("10")).lines)
    assert shown["logs"] == list(task_of(await desk.load("10")).lines)


async def test_a_record_of_an_older_frontend_gets_what_it_lacks(desk: Desk) -> None:
    old = document("10")
    del old["priority"], old["active_jobs"]
    await desk.put("10", old)
    loaded = await desk.load("10")
    assert (record_of(loaded).priority, record_of(loaded).active_jobs) == ("low", ())
    await desk.change(loaded, Task.accept(record_of(loaded), datetime.now(UTC)))
    shown = await desk.shown("10")
    assert (shown["priority"], shown["active_jobs"]) == ("low", [])
    assert list(shown) == [*old, "priority", "active_jobs"]


async def test_nothing_is_written_where_nothing_of_ours_changes(desk: Desk) -> None:
    old = document("10")
    del old["priority"], old["active_jobs"]
    await desk.put("10", old)
    accepted = await desk.accept_as_it_stands("10")
    spaced = json.dumps(await desk.shown("10"), indent=2).encode()
    await desk.put("10", spaced)
    loaded = await desk.load("10")
    await desk.store.commit(loaded, accepted.task, loaded.record)
    assert await desk.raw("10") == spaced
