"""What operators do, in a browser, with a service that moves files."""

from __future__ import annotations

from asyncio import to_thread

import pytest

from domain.values import TaskStatus
from tests.console.browser.place import Place
from tests.console.browser.window import Window

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

BARS = """return [...document.querySelectorAll('svg rect')].map(bar => {
  const shown = bar.getBoundingClientRect(); return [bar.getAttribute('class'), shown.width, shown.height];
})"""
"""How each bar is drawn: its kind, and how wide and high it is on the page."""

SAID = "return document.querySelector('#tasks-hour-words').textContent.split(' since ')[0]"
"""What the first chart says to those who do not see it."""


async def test_a_bar_moves_to_its_end(place: Place, window: Window) -> None:
    task_id = await place.sync("copy")
    await to_thread(window.wait_for, f"\n{task_id}\t")
    await to_thread(window.go, f"/tasks/{task_id}")
    shares = await to_thread(window.bar_until, "there is nothing to do")
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(list((place.root / "copy").iterdir())) == 20


async def test_cancel_one_while_another_goes_on(place: Place, window: Window) -> None:
    kept, stopped = await place.sync("kept"), await place.sync("stopped")
    await place.becomes(stopped, TaskStatus.RUNNING)
    await to_thread(window.go, f"/tasks/{stopped}")
    await to_thread(window.type, "#reason", "wrong source")
    await to_thread(window.press, "Cancel the task", confirm=True)
    await to_thread(window.wait_for, "it was cancelled", "by operator: wrong source", "Run it again")
    assert (await place.record(stopped)).status == TaskStatus.CANCELLED
    await place.becomes(kept, TaskStatus.COMPLETED)


async def test_a_blocked_user_is_refused_and_told_why(place: Place, window: Window) -> None:
    await place.sync("copy")
    await to_thread(window.go, "/users")
    await to_thread(window.press, "Block alice")
    await to_thread(window.wait_for, "Block a user")
    await to_thread(window.type, "#reason", "a full disk")
    await to_thread(window.press, "Block")
    await to_thread(window.wait_for, "refused: a full disk")
    body = await place.register("sync", "alice", {"src": "/a", "dst": "/b"})
    answer = await place.client.post("/tasks/task", json=body)
    assert answer.status_code == 403
    assert "a full disk" in answer.text
    await to_thread(window.press, "Enable alice")
    await to_thread(window.wait_for, "taken")


async def test_what_was_done_appears_in_the_charts(place: Place, window: Window) -> None:
    assert await to_thread(window.driver.execute_script, BARS) == []
    task_id = await place.sync("copy", "")
    await place.becomes(task_id, TaskStatus.COMPLETED)
    await to_thread(window.wait_for, "20.0 MiB in one minute", "1 in one minute")  # the page asks by itself
    bars = await to_thread(window.driver.execute_script, BARS)
    assert {kind for kind, _, _ in bars} == {"bar completed", "bar bytes"}
    assert all(width > 1 and height > 30 for _, width, height in bars)
    said = await to_thread(window.driver.execute_script, SAID)
    assert said == "1 completed, 0 failed, 0 cancelled"


async def test_what_failed_is_found_mended_and_retried(place: Place, window: Window) -> None:
    task_id = await place.sync("copy", "", src=str(place.root / "missing"))
    await place.becomes(task_id, TaskStatus.FAILED)
    await to_thread(window.go)
    await to_thread(window.wait_for, "Failures by reason", "missing")
    await to_thread(window.click, f"#failed-{task_id}")
    await to_thread(window.wait_for, "it failed in attempt 1")
    (place.root / "missing").mkdir()
    await to_thread(window.press, "Run it again")
    await to_thread(window.wait_for, "there is nothing to do", "Retried by operator")
    assert (await place.record(task_id)).status == TaskStatus.COMPLETED
    await to_thread(window.go, "/audit")
    await to_thread(window.wait_for, f"task {task_id}", "retry")
