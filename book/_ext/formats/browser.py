"""The browser that sets the PDF, and in which the tests read the site."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
NO_BROWSER = (
    "The PDF and the tests of the site need a browser, found none and could not fetch "
    "one. Install Chromium, Chrome or Edge (on Debian: sudo apt-get install chromium), "
    "or name one: CHROME_PATH=/path/to/chrome make"
)


def browser_path() -> str | None:
    """A browser that is on the machine; None where Playwright has to bring its own."""
    for name in (os.environ.get("CHROME_PATH"), *BROWSERS):
        if name and (found := shutil.which(name)):
            return found
    return None


def launch(playwright: Playwright) -> Browser:
    """Start a browser, fetching one if there is none, or say what to install."""
    # Chromium's sandbox refuses to start for root, as in containers.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = ["--no-sandbox"] if root else []
    path = browser_path()
    if path is None and not Path(playwright.chromium.executable_path).exists():
        fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(fetch, capture_output=True, check=False)
    try:
        return playwright.chromium.launch(executable_path=path, args=flags)
    except Error as error:
        raise RuntimeError(f"{NO_BROWSER}\n{error}" if path else NO_BROWSER) from error
