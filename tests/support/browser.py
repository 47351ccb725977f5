"""Chromium without a window, driven by selenium, for tests of pages.

Pages are waited for in the page itself: a MutationObserver answers the moment the text is there, so nothing
polls. The driver program is named outright, so that selenium does not look for one to download.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

WAIT_SECONDS = 15
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=900,700",
)
TEXT_APPEARS = """
const [selector, text, answer] = arguments;
const found = () => [...document.querySelectorAll(selector)];
const isThere = () => found().some((element) => element.textContent.includes(text));
if (isThere()) {
  answer();
} else {
  const observer = new MutationObserver(() => {
    if (isThere()) {
      observer.disconnect();
      answer();
    }
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}
"""


class Tab:
    """One tab of a browser; every call brings it to the front first."""

    def __init__(self, driver: webdriver.Chrome, url: str, folder: Path) -> None:
        self._driver = driver
        self._folder = folder
        driver.switch_to.new_window("tab")
        self._handle = driver.current_window_handle
        driver.get(url)

    def type_line(self, selector: str, text: str) -> None:
        """Types into the field and presses Enter."""
        self._show()
        self._driver.find_element(By.CSS_SELECTOR, selector).send_keys(text, Keys.ENTER)

    def wait_text(self, selector: str, text: str) -> None:
        """Returns when a matching element holds the text; else fails, and leaves a picture of the tab."""
        self._show()
        try:
            self._driver.execute_async_script(TEXT_APPEARS, selector, text)
        except TimeoutException:
            picture = self._folder / "failed.png"
            self._driver.save_screenshot(str(picture))
            shown = [found.text for found in self._driver.find_elements(By.CSS_SELECTOR, selector)]
            raise AssertionError(f"no {selector} holds {text!r}, but {shown}; see {picture}") from None

    def texts(self, selector: str) -> list[str]:
        self._show()
        return [found.text for found in self._driver.find_elements(By.CSS_SELECTOR, selector)]

    def close(self) -> None:
        self._show()
        self._driver.close()

    def _show(self) -> None:
        self._driver.switch_to.window(self._handle)


class Browser:
    def __init__(self, driver: webdriver.Chrome, folder: Path) -> None:
        self._driver = driver
        self._folder = folder

    def open(self, url: str) -> Tab:
        return Tab(self._driver, url, self._folder)

    def complaints(self) -> list[str]:
        """What the pages wrote to the console as warnings and errors since the last call."""
        return [entry["message"] for entry in self._driver.get_log("browser")]


@contextmanager
def chromium(folder: Path, *flags: str) -> Iterator[Browser]:
    """A browser with its profile, and pictures of what went wrong, in `folder`. Skips if there is none."""
    program, driver_program = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver_program is None:
        pytest.skip("chromium and its driver are not installed (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, *flags, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING"})
    driver = webdriver.Chrome(options=options, service=Service(driver_program))
    driver.set_script_timeout(WAIT_SECONDS)
    try:
        yield Browser(driver, folder)
    finally:
        driver.quit()
