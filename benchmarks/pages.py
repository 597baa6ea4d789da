"""What pages cost a reader: bytes, requests, faults axe finds, Lighthouse scores.

Serves the built book on this machine, compressed as plain hosts do it, and prints a
table in Markdown: each page as a phone loads it, with all its pictures. Lighthouse is
fetched by npx, so it needs Node and, the first time, a network; without Node its
columns stay empty. Its times depend on what else the machine does: run it at rest.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "book" / "_ext")]

from formats.browser import browser_path, launch  # noqa: E402
from served import served  # noqa: E402
from visits import PHONE, visit  # noqa: E402

PAGES = (
    "index",
    "lessons/no-guarantee",
    "lessons/place",
    "introduction/measuring-a-cluster",
    "cases/toronto",
    "reference/data",
    "reference/bibliography",
    "search",
)
LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 20
SCORES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {
    "largest-contentful-paint": ("LCP s", 1000, 1),
    "total-blocking-time": ("TBT ms", 1, 0),
    "cumulative-layout-shift": ("CLS", 1, 3),
}
SHOW_ALL = "document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })"


def every_page() -> list[str]:
    """Names of all pages of the book, and of those that belong to no chapter."""
    record = ROOT / "_build" / "record.json"
    return [*json.loads(record.read_text(encoding="utf-8")), "search", "genindex"]


def weight(browser: Browser, site: str, name: str) -> tuple[float, int, int]:
    """KiB and requests of a page with all its pictures, and faults that axe finds."""
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        sizes: list[int] = []
        page.on(
            "requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"])
        )
        visit(page, f"{site}{name}.html", site)
        page.evaluate(SHOW_ALL)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response
        return sum(sizes) / 1024, len(sizes), len(found["violations"])


def lighthouse(address: str) -> dict[str, Any] | None:
    """One report of Lighthouse as on a slow phone; None without Node."""
    npx = shutil.which("npx")
    if not npx:
        return None
    chrome = "--headless --no-sandbox --disable-dev-shm-usage"
    settings = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
    if path := browser_path():
        settings["CHROME_PATH"] = path
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        flags = [
            "--quiet",
            "--output=json",
            f"--output-path={out}",
            f"--chrome-flags={chrome}",
            f"--only-categories={','.join(SCORES)}",
        ]
        command = [npx, "--yes", LIGHTHOUSE, address, *flags]
        subprocess.run(command, check=True, env=settings, stdout=subprocess.DEVNULL)
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return report


def scores(address: str, runs: int) -> list[str]:
    """Scores and times, each the median of some runs."""
    reports = [lighthouse(address) for _ in range(runs)]
    known = [report for report in reports if report]
    if not known:
        return [""] * (1 + len(TIMES))
    medians = [
        statistics.median(report["categories"][name]["score"] * 100 for report in known)
        for name in SCORES
    ]
    cells = ["/".join(f"{score:.0f}" for score in medians)]
    for audit, (_, unit, digits) in TIMES.items():
        values = [report["audits"][audit]["numericValue"] / unit for report in known]
        cells.append(f"{statistics.median(values):.{digits}f}")
    return cells


def main() -> None:
    """Measure the pages one by one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, help="such as lessons/place")
    parser.add_argument("--all", action="store_true", help="every page")
    parser.add_argument("--runs", type=int, default=3, help="runs of Lighthouse a page")
    options = parser.parse_args()
    html = ROOT / "_build" / "html"
    if not (html / "index.html").is_file():
        sys.exit("There is no built book to measure: run `make book` first.")
    heads = ["page", "KiB", "requests", "axe", "Lighthouse P/A/BP/SEO"]
    heads += [head for head, _, _ in TIMES.values()]
    print(f"| {' | '.join(heads)} |\n|---|{'---:|' * (len(heads) - 1)}")
    with served(html) as site, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in every_page() if options.all else options.pages:
            kib, requests, faults = weight(browser, site, name)
            cells = [name, f"{kib:.0f}", str(requests), str(faults)]
            cells += scores(f"{site}{name}.html", options.runs)
            print(f"| {' | '.join(cells)} |", flush=True)
        browser.close()
    day = datetime.now(UTC)
    print(
        f"\n{day.day} {day:%B %Y}, {os.cpu_count()} cores. Pages as a phone 390 pixels "
        f"wide loads them, with all pictures; Lighthouse mobile, runs: {options.runs}, "
        "of which the median."
    )


if __name__ == "__main__":
    main()
