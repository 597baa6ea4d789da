"""Readers of the book: which pages they open, in what browser, and what it costs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[1]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"]] + [
    chapter["file"] for part in TOC.get("parts", [TOC]) for chapter in part["chapters"]
]
MADE = ["search", "genindex"]  # pages that have no source
WITH_CODE = [
    name
    for name in PAGES
    if "{code-cell}" in (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
]

PHONE: Any = {"width": 390, "height": 844}
DESKTOP: Any = {"width": 1280, "height": 800}
# Browsers report what the policy refuses as an event; that and shifts are kept here.
WATCH = """
window.refused = []; window.shift = 0;
document.addEventListener("securitypolicyviolation", (e) =>
  refused.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
IMAGES = """() => [...document.querySelectorAll("main img")]
  .filter((i) => i.getClientRects().length)
  .map((i) => ({
    src: i.getAttribute("src"),
    sized: i.hasAttribute("width") && i.hasAttribute("height"),
    lazy: i.loading === "lazy", top: i.getBoundingClientRect().top + scrollY,
  }))"""


def reader(browser: Browser, size: Any, mode: str = "light") -> BrowserContext:
    """A browser of this size, whose reader has chosen light or dark."""
    context = browser.new_context(viewport=size, color_scheme=mode)
    for key in ("mode", "theme"):
        context.add_init_script(f"localStorage.setItem('{key}', '{mode}')")
    return context


@dataclass
class Visit:
    """What loading a page cost and what it did."""

    sizes: dict[str, int] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    policy: str = ""
    shift: float = 0.0
    formulas: int = 0


def visit(page: Page, address: str, site: str) -> Visit:
    """Load a page as a first-time reader's phone does."""
    seen, finished = Visit(), []
    page.add_init_script(WATCH)
    page.on("console", lambda m: m.type == "error" and seen.errors.append(m.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("requestfailed", lambda request: seen.errors.append(request.url))
    page.on("requestfinished", lambda request: finished.append(request))
    page.on(
        "request",
        lambda r: r.url.startswith((site, "data:")) or seen.strangers.append(r.url),
    )
    page.goto(address, wait_until="networkidle")
    seen.sizes = {r.url: r.sizes()["responseBodySize"] for r in finished}
    seen.images = page.evaluate(IMAGES)
    seen.refused = page.evaluate("refused")
    seen.shift = page.evaluate("shift")
    seen.formulas = page.locator("math").count()
    policies = page.locator("meta[http-equiv='Content-Security-Policy']")
    seen.policy = policies.get_attribute("content") if policies.count() else ""
    return seen
