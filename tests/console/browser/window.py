"""A browser window, and an operator who looks at the console in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.http.service import STUCK_S, TOKEN
from tests.support.needs import require_program

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Window:
    """All of it blocks until the service has answered; a test that runs the service calls it in a thread."""

    driver: webdriver.Chrome
    url: str

    def go(self, path: str = "") -> None:
        """Load a page of the console."""
        self.driver.get(f"{self.url}/console{path}")

    def log_in(self) -> None:
        """Type the token, and press Enter."""
        self.go("/login")
        self.driver.switch_to.active_element.send_keys(TOKEN + "\n")
        self.wait_for("Overview")

    @property
    def width(self) -> int:
        """How wide the page is, in CSS pixels, with what can only be scrolled to."""
        return int(self.driver.execute_script("return document.documentElement.scrollWidth"))

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def wait_for(self, *texts: str) -> None:
        """Wait until the page shows all of these."""
        WebDriverWait(self.driver, STUCK_S, LOOK_S).until(
            lambda _: all(text in self.text for text in texts), f"{texts} did not come"
        )

    def click(self, selector: str) -> None:
        """Click the first element of a CSS selector, and wait for the page that it leads to."""

        def clicked(_: object) -> bool:
            self.driver.find_element(By.CSS_SELECTOR, selector).click()
            return True

        # What has just been fetched anew is another element.
        WebDriverWait(self.driver, STUCK_S, LOOK_S, (StaleElementReferenceException,)).until(clicked)

    def type(self, selector: str, text: str) -> None:
        """Type into the first element of a CSS selector."""
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def choose(self, selector: str, option: str) -> None:
        """Choose an option of the first list of a CSS selector."""
        Select(self.driver.find_element(By.CSS_SELECTOR, selector)).select_by_visible_text(option)

    def strike(self, key: str) -> str:
        """Strike a key where the focus is, and return the text of what has the focus then."""
        self.driver.switch_to.active_element.send_keys(key)
        return self.driver.switch_to.active_element.text

    def press(self, words: str, *, confirm: bool = False) -> None:
        """Press the button with these words, or with this name, when it is there. Say yes where it asks.

        What comes of it is to be waited for: a page that is loaded at once would be replaced by the form's answer.
        """

        def named(_: object) -> list[WebElement]:
            return [each for each in self.driver.find_elements(By.TAG_NAME, "button") if each.accessible_name == words]

        wait = WebDriverWait(self.driver, STUCK_S, LOOK_S, (StaleElementReferenceException,))
        wait.until(named, f"no button {words}")[0].click()
        if confirm:
            self.driver.switch_to.alert.accept()

    def bar_until(self, text: str) -> list[float]:
        """Watch the page's bar until the page shows ``text``, and return the shares of 1 that it went through."""
        seen: list[float] = []

        def look(_: object) -> bool:
            is_shown = text in self.text  # asked first, so that the last share is that of the page which shows it
            share = self.driver.execute_script(
                "const bar = document.querySelector('progress'); return bar && bar.position >= 0 ? bar.position : null"
            )
            if share is not None and share not in seen[-1:]:
                seen.append(share)
            return is_shown

        WebDriverWait(self.driver, STUCK_S, LOOK_S).until(look, f"{text} did not come")
        return seen

    def complaints(self) -> Sequence[dict[str, Any]]:
        """Return what the browser's console was told since the last time."""
        # Selenium has no types for it.
        told: list[dict[str, Any]] = cast(Any, self.driver).get_log("browser")
        return [entry for entry in told if entry["level"] != "DEBUG"]

    def faults(self) -> list[str]:
        """Return the accessibility faults of this page that axe-core calls serious or critical."""
        judged = Axe().run(self.driver)
        assert judged["passes"], "axe-core looked at nothing"
        return [
            f"{each['id']}: {node['html']}"
            for each in judged["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def prefer(self, scheme: str) -> None:
        """Show pages as to somebody who prefers ``light`` or ``dark``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def become_as_wide_as(self, width: int, height: int) -> None:
        """Take another size, in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@contextmanager
def open_window(url: str, profile: Path) -> Iterator[Window]:
    """Open a browser that knows nothing yet; ``profile`` is an empty directory."""
    options = Options()
    options.binary_location = require_program("chromium")
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(require_program("chromedriver")))
    driver.set_page_load_timeout(STUCK_S)
    try:
        yield Window(driver, url)
    finally:
        driver.quit()
