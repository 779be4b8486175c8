"""Every page for everybody: light and dark, wide and narrow, with a keyboard, and whatever users call their files."""

from __future__ import annotations

from asyncio import to_thread

import pytest
from selenium.webdriver.common.keys import Keys

from domain.values import TaskStatus
from tests.console.browser.place import Place
from tests.console.browser.window import Window

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

DECEIT = "<script>document.title='owned'</script>\"'\x1b[31m\u202egpj"
SEEN = "<script>document.title='owned'</script>\"'␛[31m⟨U+202E⟩gpj"

LIVE = "document.getElementById('live')"
MARK_AND_FETCH = f"""
    const done = arguments[0];
    document.addEventListener("htmx:afterSettle", () => done({LIVE}.mark));
    document.addEventListener("htmx:afterRequest", () => setTimeout(() => done({LIVE}.mark), 100));
    {LIVE}.mark = "marked";
    htmx.trigger({LIVE}, "happened");
"""
"""Marks the part of the page that is fetched anew, fetches it, and tells the mark that it has then."""

OUTLINE = "return getComputedStyle(document.activeElement).outlineStyle"


async def every_page(place: Place, window: Window) -> list[str]:
    """Paths of all pages, of tasks of every kind among them."""
    failed = await place.sync("copy", "", src=str(place.root / DECEIT))
    await place.becomes(failed, TaskStatus.FAILED)
    done = await place.sync("done", "")
    await place.becomes(done, TaskStatus.COMPLETED)
    running = await place.sync("copy", "--bwlimit 100K", user="a-user-with-a-long-name" * 4)
    await place.sync("copy2", "--bwlimit 100K")
    await place.becomes(running, TaskStatus.RUNNING)
    await place.sync("copy3", "--bwlimit 100K")
    await to_thread(window.go, f"/tasks/{running}")
    await to_thread(window.choose, "#priority", "high")
    await to_thread(window.press, "Change")
    await to_thread(window.wait_for, "Priority changed to high")
    return ["", "/tasks", f"/tasks/{failed}", f"/tasks/{done}", f"/tasks/{running}", "/users", "/audit", "/tasks/99"]


async def test_pages_have_no_serious_fault_of_accessibility(place: Place, window: Window) -> None:
    pages = await every_page(place, window)
    for scheme in ("light", "dark"):
        await to_thread(window.prefer, scheme)
        for path in pages:
            await to_thread(window.go, path)
            assert await to_thread(window.faults) == [], (scheme, path)
    await to_thread(window.complaints)  # that one page of them is an error


async def test_pages_fit_on_a_phone(place: Place, window: Window) -> None:
    pages = await every_page(place, window)
    await to_thread(window.become_as_wide_as, 360, 740)
    for path in pages:
        await to_thread(window.go, path)
        assert await to_thread(lambda: window.width) <= 360, path
    await to_thread(window.complaints)


async def test_what_users_chose_is_shown_as_text(place: Place, window: Window) -> None:
    task_id = await place.sync("copy", "", src=str(place.root / DECEIT))
    await place.becomes(task_id, TaskStatus.FAILED)
    await to_thread(window.go, f"/tasks/{task_id}")
    await to_thread(window.wait_for, SEEN)
    assert await to_thread(lambda: window.driver.title) == f"Task {task_id} · DMS Scheduler"


async def test_a_keyboard_is_enough(place: Place, window: Window) -> None:
    await to_thread(window.go)
    assert await to_thread(window.strike, Keys.TAB) == "Skip to the content"
    outline = await to_thread(window.driver.execute_script, OUTLINE)
    assert outline == "solid"
    for name in ("Overview", "Tasks"):
        assert await to_thread(window.strike, Keys.TAB) == name
    await to_thread(window.strike, Keys.ENTER)
    await to_thread(window.wait_for, "No task of this kind")


async def test_what_looks_the_same_is_left_alone(place: Place, window: Window) -> None:
    await to_thread(window.go)
    assert await to_thread(window.driver.execute_async_script, MARK_AND_FETCH) == "marked"
    await place.becomes(await place.sync("copy"), TaskStatus.RUNNING)
    await to_thread(window.wait_for, "alice")
    assert await to_thread(window.driver.execute_script, f"return {LIVE}.mark") is None
