"""What a page does not use it does not load, and nothing on it asks another host.

When all pages are written, each new one is gone through once: scripts that it has no
use for are taken out and the others wait until the page is read; all style sheets give
way to one (see ``style_sheet``); what the theme's templates get wrong is put right; and
a security policy in the page's head forbids everything that the book does not need, so
that a slip shows at once. What the policy would refuse fails the build.
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from clusters_book import style_sheet
from clusters_book.code_switch import EARLY
from clusters_book.decks import FOLDER

log = logging.getLogger(__name__)

# Scripts by what must stand in a page that loads them; those with None no page needs.
EVERY = re.compile("")
CODE = re.compile(r'<div class="highlight')
RESULTS = re.compile(r'id="search-results"')
USE: dict[str, re.Pattern[str] | None] = {
    "bootstrap.js": None,  # menus open without it
    "fontawesome.js": None,  # the font draws the same icons
    "togglebutton.js": None,  # solutions fold without it
    "design-tabs.js": re.compile(r'class="[^"]*\bsd-tab-label\b'),
    "clipboard.min.js": CODE,
    "copybutton.js": CODE,
    "searchtools.js": RESULTS,
    "language_data.js": RESULTS,
    "searchindex.js": RESULTS,
}
OWN_SCRIPT, OWN_SHEET = "page.js", "bars.css"
# Inline scripts of the theme and its helpers that are not missed.
IDLE_INLINE = re.compile(
    r"\s*(let toggle|var togglebutton|DOCUMENTATION_OPTIONS\.|// Activate the search)"
)
THEMES_MODE = "document.documentElement.dataset.mode ="
# The theme's own lets a page flash in light before it turns dark, and logs an error on
# a first visit. It stands in the page because it must run before anything is drawn.
MODE = """{
  const { dataset } = document.documentElement;
  let mode = "auto";
  try { mode = localStorage.getItem("mode") || mode; } catch {}
  const dark = mode === "auto" && matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.mode = mode;
  dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;
}"""
INLINE = (MODE, EARLY)  # the only ones that the policy lets through

# What in code has a colour in the book's style sheet, by Pygments' short names.
COMMENTS, WORDS = {"c", "c1", "cm", "ch", "sd"}, {"k", "kn", "kc", "kd", "ow"}
STRINGS, NUMBERS = {"s", "s1", "s2", "sa", "se", "si"}, {"m", "mi", "mf", "mh"}
COLOURED = COMMENTS | WORDS | STRINGS | NUMBERS
SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=.*")  # of the script as it was
TOKEN = re.compile(r'<span class="([a-z]{1,2}[0-9]?)">([^<]*)</span>')
ALIKE = re.compile(r'(<span class="([a-z]{1,2}[0-9]?)">[^<]*)</span><span class="\2">')

POLICY = (
    "default-src 'none'; script-src 'self'{inline}; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'self'"
)
DONE = '<meta http-equiv="Content-Security-Policy"'
CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
SCRIPT = re.compile(r"[ \t]*<script\b([^>]*)>(.*?)</script>[ \t]*\n?", re.DOTALL)
SOURCE = re.compile(r'\bsrc="(?:[^"?]*/)?([^"/?]+)(?:\?[^"]*)?"')
WAITS = re.compile(r"\b(?:defer|async)\b|\btype=\"module\"")
DATA = re.compile(r'\btype="application/(?:ld\+)?json"')
SHEET = re.compile(r'[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*>\n?')
ADDRESS = re.compile(r'\bhref="([^"?]*?)_static/([^"?]+)')
LINKED = re.compile(rf"(_static/{re.escape(style_sheet.NAME)}\?v=)\w+")
REFUSED = re.compile(r"<[a-z][^<>]*?\s(?:style|on[a-z]+)=\"[^\"]*\"")
TABLE_STYLES = r' style="(?:width: \d+%|vertical-align: top|;| )+"'

# What is wrong or useless in templates not ours, and what stands there instead.
MENDED: tuple[tuple[str, str], ...] = (
    # Said three times in the head.
    (r'<meta name="viewport" content="width=device-width, initial-scale=1" ?/>\n', ""),
    (r'[ \t]*<meta name="docsearch:[^>]*>\n?', ""),
    # A style in the page itself; our sheet has it.
    (r"[ \t]*<noscript>\s*<style>.*?</style>\s*</noscript>\n?", ""),
    (r'[ \t]*<link rel="preload" as="script"[^>]*>\n?', ""),
    # An attribute that HTML does not know.
    (r'\s+autocorrect="off"', ""),
    # Places for banners and advertisements, which stay empty.
    (
        r'[ \t]*<div class="pst-async-banner-revealer d-none">\s*<aside.*?</aside>'
        r"\s*</div>\n?",
        "",
    ),
    (
        r'[ \t]*<div class="sidebar-primary-item">\s*'
        r'<div id="ethical-ad.*?</div></div>',
        "",
    ),
    # The side bar is a landmark, else its title and search button stand in none.
    (
        r'<div id="pst-primary-sidebar" class=',
        '<div id="pst-primary-sidebar" role="region" aria-label="Side bar" class=',
    ),
    # A menu that opens without a script.
    (
        r'<div class="dropdown (dropdown-[^"]*)">\s*<button class="btn dropdown-toggle"'
        r'[^>]*?aria-label="([^"]*)">(.*?)</button>\s*'
        r'(<ul class="dropdown-menu">.*?</ul>)\s*</div>',
        r'<details class="dropdown \1"><summary class="btn dropdown-toggle" '
        r'aria-label="\2">\3</summary>\4</details>',
    ),
    (r'<button onclick="window\.print\(\)"', '<button type="button" data-print'),
    (r' data-bs-[a-z]+="[^"]*"', ""),
    # A paragraph may not stand in a summary, whose own words say enough.
    (
        r'<summary aria-label="Toggle hidden content">\s*'
        r'<p class="([^"]*)">(.*?)</p>\s*<p class="([^"]*)">(.*?)</p>\s*</summary>',
        r'<summary><span class="\1">\2</span><span class="\3">\4</span></summary>',
    ),
    # The title of a fold is what opens it; a link there would lead away instead.
    (
        r'(<details class="solution[^>]*>)\s*<p class="admonition-title">(.*?)'
        r'<a class="reference[^>]*>(.*?)</a></p>',
        r'\1<summary class="admonition-title">\2\3</summary>',
    ),
    # All exercises of a page have one id, and all solutions.
    (r' id="(?:exercise|solution)-content"', ""),
    # Columns of the index, which our sheet sets.
    (TABLE_STYLES, ""),
    # The role says what the element is.
    (r'(<main [^>]*?) role="main"', r"\1"),
)
MENDINGS = tuple((re.compile(wrong, re.DOTALL), right) for wrong, right in MENDED)


# The theme's script measures all code and tables at once when a page has loaded, folded
# ones too: over a second on a long page and a slow phone. Ours does it as they show.
MEASURES = re.compile(r'\["pre",(?:"[^"]*",?)+\](?=\.join)')
NONE_OF_THEM = '[":not(*)"]'


def hashed(script: str) -> str:
    """How a policy names an inline script that it allows."""
    found = hashlib.sha256(script.encode()).digest()
    return f" 'sha256-{base64.b64encode(found).decode()}'"


def mended(text: str) -> str:
    """The page without the faults of its templates."""
    for wrong, right in MENDINGS:
        text = wrong.sub(right, text)
    return text


def with_few_colours(text: str) -> str:
    """The page without marks of what has no colour in code: half its elements."""
    text = TOKEN.sub(lambda t: t[0] if t[1] in COLOURED else t[2], text)
    times = 1
    while times:  # a string of three parts is one
        text, times = ALIKE.subn(r"\1", text)
    return text


def with_scripts_it_uses(text: str) -> str:
    """The page with the scripts it has a use for, none of which holds it up."""

    def chosen(found: re.Match[str]) -> str:
        attributes, inline = found.groups()
        source = SOURCE.search(attributes)
        if source:
            use = USE.get(source[1], EVERY)
            if not (use and use.search(text)):
                return ""
            if WAITS.search(attributes):
                return found[0]
            return found[0].replace("<script", "<script defer", 1)
        if THEMES_MODE in inline:
            return f"<script>{MODE}</script>\n"
        return "" if IDLE_INLINE.match(inline) else found[0]

    return SCRIPT.sub(chosen, text)


def sheets_of(text: str) -> list[str]:
    """The style sheets a page asks for, as they lie in ``_static``."""
    found = [ADDRESS.search(link[0]) for link in SHEET.finditer(text)]
    return [address[2] for address in found if address]


def with_one_sheet(text: str) -> str:
    """The page with our sheet and script in place of all its sheets."""
    first = SHEET.search(text)
    if not first or not (address := ADDRESS.search(first[0])):
        return text
    ours = (
        f'<link rel="stylesheet" href="{address[1]}_static/{style_sheet.NAME}?v=0">\n'
        f'<script defer src="{address[1]}_static/{OWN_SCRIPT}"></script>\n'
    )
    before, after = text[: first.start()], text[first.end() :]
    return before + ours + SHEET.sub("", after)


def with_policy(text: str) -> str:
    """The page with its policy, as the first thing after its encoding."""
    allowed = "".join(hashed(script) for script in INLINE if script in text)
    policy = f'{DONE} content="{POLICY.format(inline=allowed)}">'
    return CHARSET.sub(f'<meta charset="utf-8">\n    {policy}', text, count=1)


def refused(text: str) -> list[str]:
    """What the policy forbids in a page: inline scripts, handlers and styles."""
    inline = [
        found[2].strip()
        for found in SCRIPT.finditer(text)
        if found[2].strip() not in ("", *INLINE) and not DATA.search(found[1])
    ]
    return [said[:90] for said in inline + REFUSED.findall(text)]


def lean(text: str) -> str:
    """A page as the theme wrote it, made light."""
    light = with_scripts_it_uses(with_few_colours(mended(text)))
    return with_policy(with_one_sheet(light))


def all_pages(folder: Path) -> list[Path]:
    """The pages of the book; slides, and template files under ``_static``, are none."""
    pages = folder.rglob("*.html")
    return sorted(p for p in pages if not {"_static", FOLDER} & {*p.parts})


def finish(app: Sphinx, error: Exception | None) -> None:
    """Go through the pages that this build has written."""
    if error or app.builder.name != "html":
        return
    folder, memory = Path(app.outdir), Path(app.doctreedir) / "lean.json"
    known: dict[str, Any] = {"sheets": [], "made_of": "", "pages": {}}
    if memory.exists():
        known = json.loads(memory.read_text(encoding="utf-8"))
    texts = {page: page.read_text(encoding="utf-8") for page in all_pages(folder)}
    new = {page: text for page, text in texts.items() if DONE not in text}
    if not new:
        return
    for page, text in new.items():
        known["sheets"] += [s for s in sheets_of(text) if s not in known["sheets"]]
        texts[page] = lean(text)
        for said in refused(texts[page]):
            log.warning(
                "%s: the page's security policy refuses this: %s. Put scripts into a "
                "file under _static, and styles into book/_static/book.css.",
                page.relative_to(folder),
                said,
            )
    relieve(folder / "_static" / "scripts" / "pydata-sphinx-theme.js")
    known["pages"] = {
        name: asked_by(text) if page in new else known["pages"][name]
        for page, text in texts.items()
        for name in [page.relative_to(folder).as_posix()]
    }
    version = sheet_version(folder / "_static", known)
    for page, text in texts.items():
        linked = LINKED.sub(rf"\g<1>{version}", text)
        if page in new or linked != text:
            page.write_text(linked, encoding="utf-8")
    memory.write_text(json.dumps(known), encoding="utf-8")


def relieve(script: Path) -> None:
    """Take the measuring out of the theme's script."""
    text = script.read_text(encoding="utf-8")
    if NONE_OF_THEM in text:
        return
    text, times = MEASURES.subn(NONE_OF_THEM, text)
    if times != 1:
        log.warning(
            "%s no longer measures code and tables in the way that is taken out here: "
            "see what it does instead, and change or drop this step.",
            script.name,
        )
    script.write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def asked_by(text: str) -> dict[str, list[str]]:
    """The names in a page that a style sheet may speak of, and the scripts it loads."""
    used = style_sheet.Used()
    used.add_page(text)
    scripts = {s[1] for s in SOURCE.finditer(text) if s[1].endswith(".js")}
    return {"names": sorted(used.names), "scripts": sorted(scripts)}


def sheet_version(static: Path, known: dict[str, Any]) -> str:
    """Write the one sheet, unless it would be the same as before; say its version."""
    pages = known["pages"].values()
    used = style_sheet.Used({name for page in pages for name in page["names"]})
    loaded = {name for page in pages for name in page["scripts"]}
    files = [p for p in sorted(static.rglob("*.js")) if p.name in loaded]
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    # The book's own sheet has the last word.
    own = [OWN_SHEET, "book.css"]
    order = [sheet for sheet in known["sheets"] if sheet not in own] + own
    css = style_sheet.joined(static, order)
    spoken = set(style_sheet.WORD.findall(css))
    names = {name for name in used.names if name.lstrip(".#[") in spoken}
    code = Path(style_sheet.__file__).read_text(encoding="utf-8")
    parts = [code, css, scripts, *sorted(names)]
    made_of = style_sheet.digest("\n".join(parts).encode())
    target = static / style_sheet.NAME
    if made_of != known["made_of"] or not target.exists():
        used.add_script(scripts)
        sheet = style_sheet.purged(css, used, scripts)
        target.write_text(style_sheet.with_icons(sheet, static), encoding="utf-8")
        known["made_of"] = made_of
    return style_sheet.digest(target.read_bytes())


def setup(app: Sphinx) -> None:
    """Register the hook, after those that write pages of their own."""
    app.connect("build-finished", finish, priority=800)
