"""What a page costs a reader who comes for the first time, and what it does."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

PHONE: Any = {"width": 390, "height": 844}
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
