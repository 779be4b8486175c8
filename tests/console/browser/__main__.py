"""`python -m tests.console.browser`: take the pictures of docs/console.md, of a real service with real data."""

from __future__ import annotations

import asyncio
from asyncio import to_thread
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.values import TaskStatus
from tests.console.browser.day import worked_day
from tests.console.browser.place import Place, running_place
from tests.console.browser.window import Window, open_window
from tests.support.needs import require_program
from tests.support.redis_server import RedisServer

PICTURES = Path(__file__).parents[3] / "docs" / "console"
SLOWLY = "--bwlimit 512K"


async def live(place: Place) -> dict[str, str]:
    """Let a morning's work happen, and return the ids of what is shown."""
    failed = await place.sync("copy", "", src=str(place.root / "not-there"), user="bob")
    await place.becomes(failed, TaskStatus.FAILED)
    done = await place.sync("done", "", user="carol")
    await place.becomes(done, TaskStatus.COMPLETED)
    running = await place.sync("alice-1", SLOWLY)
    await place.sync("bob-1", "--bwlimit 1M", user="bob")
    for number in range(2, 9):
        await place.sync(f"alice-{number}", SLOWLY)
    waiting = await place.sync("carol-1", SLOWLY, user="carol")
    await place.becomes(running, TaskStatus.RUNNING)
    return {"failed": failed, "running": running, "waiting": waiting}


def act(window: Window, ids: dict[str, str]) -> None:
    """Do what the page tells a first-time operator to do."""
    window.go(f"/tasks/{ids['waiting']}")
    window.choose("#priority", "high")
    window.press("Change")
    window.wait_for("Priority changed to high")
    window.go("/users?name=alice")
    window.type("#reason", "too many copies at once; please call us")
    window.press("Block")
    window.wait_for("please call us")


def take(window: Window, ids: dict[str, str]) -> None:
    """Save a picture of each page, one of them dark and one narrow."""
    window.become_as_wide_as(1000, 760)
    window.driver.get(f"{window.url}/console/login")
    window.driver.save_screenshot(str(PICTURES / "login.png"))
    pages = {
        "overview": "",
        "tasks": "/tasks",
        "task": f"/tasks/{ids['running']}",
        "failed": f"/tasks/{ids['failed']}",
        "users": "/users",
        "audit": "/audit",
    }
    for name, path in pages.items():
        window.go(path)
        if name in ("overview", "task"):
            window.wait_for(" %, ")
        window.driver.save_screenshot(str(PICTURES / f"{name}.png"))
    window.prefer("dark")
    window.go()
    window.driver.save_screenshot(str(PICTURES / "dark.png"))
    window.become_as_wide_as(360, 740)
    window.go(f"/tasks/{ids['waiting']}")
    window.driver.save_screenshot(str(PICTURES / "phone.png"))


def take_charts(window: Window) -> None:
    """Save a picture of what was done within a day."""
    window.become_as_wide_as(1000, 760)
    window.log_in()
    window.driver.execute_script("document.querySelector('#throughput').scrollIntoView()")
    window.driver.save_screenshot(str(PICTURES / "throughput.png"))


async def main() -> None:
    """Run a service of its own, in a directory that is removed afterwards."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        async with worked_day() as service:
            with open_window(str(service.client.base_url).rstrip("/"), Path(name)) as window:
                await to_thread(take_charts, window)
    with TemporaryDirectory(prefix="site-") as name:
        home = Path(name)
        for part in ("redis", "data", "profile"):
            (home / part).mkdir()
        redis = RedisServer(home / "redis", program=require_program("redis-server"))
        redis.start()
        try:
            async with running_place(redis.url, home / "data") as place:
                ids = await live(place)
                with open_window(place.url, home / "profile") as window:
                    for step in (window.log_in, lambda: act(window, ids), lambda: take(window, ids)):
                        await to_thread(step)
        finally:
            redis.kill()


if __name__ == "__main__":
    asyncio.run(main())
