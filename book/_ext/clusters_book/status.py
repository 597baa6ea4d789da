"""The status page: what the build knows of itself, written by the build.

``{build-status} build`` (or ``pages``, ``data``, ``packages``) marks a place. It is
filled in when the page is written, and once more at the end of every build, in the HTML
file itself: a new date is no reason to read or write any page again.
"""

import os
import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from clusters_book.repository import git, public_address
from clusters_book.summary import seconds
from creative_clusters.data import data_folder, describe, tables

ROOT = Path(__file__).parents[3]
PAGE = "reference/status"
UNKNOWN = "unknown"
BETWEEN_YEARS = re.compile(r"(?<=\b\d{4})-(?=\d{4}\b)")
ASKED = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?[^#\n]*(?:#\s*(.*))?$", re.MULTILINE
)


@dataclass(frozen=True)
class Commit:
    """The state of the files that a build was made from."""

    name: str
    day: str
    changed: bool
    address: str | None


def commit(root: Path) -> Commit | None:
    """The commit that is checked out; None where git knows of none."""
    name, _, day = git(root, "log", "-1", "--format=%H %cs").partition(" ")
    if not name:
        return None
    public = public_address(git(root, "remote", "get-url", "origin"))
    inner = "/-/commit/" if public and "gitlab.com" in public else "/commit/"
    changed = bool(git(root, "status", "--porcelain"))
    return Commit(name, day, changed, f"{public}{inner}{name}" if public else None)


def now() -> datetime:
    """The time of the build, or the time that reproducible builds are told to use."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(told), UTC) if told else datetime.now(UTC)


def table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """A table whose cells are HTML; the first of a row is its header."""
    said = escape(caption)
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "\n".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="table-scroll" role="group" tabindex="0" aria-label="{said}">\n'
        f'<table class="table long-names"><caption>{said}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def build_part(env: BuildEnvironment) -> str:
    """When, from what and by what the book was built."""
    built, source = now(), commit(ROOT)
    if source is None:
        origin = f"{UNKNOWN}: the files did not come with their history"
    else:
        origin = f"<code>{source.name[:10]}</code>"
        if source.address:
            origin = f'<a href="{escape(source.address)}">{origin}</a>'
        origin += f" of {source.day}"
        origin += ", with changes not committed" if source.changed else ""
    pages = sorted(env.found_docs)
    coded = [name for name in pages if seconds(env, name) is not None]
    facts = {
        "Edition": escape(installed("creative-clusters")),
        "Built": f'<time datetime="{built:%Y-%m-%dT%H:%M:%SZ}">'
        f"{built.day} {built:%B %Y, %H:%M} UTC</time>",
        "Commit": origin,
        "Pages": f"{len(pages)}, of which {len(coded)} compute something",
        "Tables": f"{len(list(tables()))}",
        "Python": escape(f"{platform.python_version()} on {platform.system()}"),
    }
    listed = "\n".join(
        f"<dt>{term}</dt><dd>{said}</dd>" for term, said in facts.items()
    )
    return f'<dl class="simple">\n{listed}\n</dl>'


def pages_part(env: BuildEnvironment) -> str:
    """Seconds of each page with code, the slowest first, and their sum."""
    ran = {name: seconds(env, name) for name in env.found_docs}
    known = {name: took for name, took in ran.items() if took is not None}
    rows = [
        [f'<a href="../{name}.html">{escape(env.titles[name].astext())}</a>', f"{took}"]
        for name, took in sorted(known.items(), key=lambda item: (-item[1], item[0]))
    ]
    if not rows:
        return f"<p>{UNKNOWN.capitalize()}: no page of this copy has run.</p>"
    total = round(sum(known.values()), 1)
    said = f"<p>All pages together: {total} seconds.</p>\n"
    return said + table("Computing time of each page", ["Page", "Seconds"], rows)


def data_part(env: BuildEnvironment) -> str:
    """The tables, each with its period and the day its source was read."""
    rows = []
    for name in sorted(tables()):
        passport = describe(name)
        shown = f"<code>{escape(name)}</code>"
        if "reference/data" in env.found_docs:
            shown = f'<a href="data.html#{nodes.make_id(f"table-{name}")}">{shown}</a>'
        told = (passport.get(key) or UNKNOWN for key in ("period", "seen"))
        rows.append(
            [shown, *(escape(BETWEEN_YEARS.sub("–", str(text))) for text in told)]
        )
    return table("Age of the data", ["Table", "Period", "Source read on"], rows)


def packages_part(env: BuildEnvironment) -> str:
    """The packages that the book asks for by name, and why."""
    asked = (ROOT / "requirements.in").read_text(encoding="utf-8")
    rows = [
        [f"<code>{escape(name)}</code>", escape(installed(name)), escape(why)]
        for name, why in ASKED.findall(asked)
    ]
    rows.sort(key=lambda row: row[0].casefold())
    return table("Packages at work", ["Package", "Version", "What for"], rows)


def installed(name: str) -> str:
    """The version of a package, unknown where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return UNKNOWN


PARTS = {
    "build": build_part,
    "pages": pages_part,
    "data": data_part,
    "packages": packages_part,
}


def part(env: BuildEnvironment, name: str) -> str:
    """One part of the status; no section stands inside, which ``refresh`` rests on."""
    return f'<section class="build-{name}">\n{PARTS[name](env)}\n</section>'


class build_status(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where a part of the status is to stand."""


class BuildStatus(SphinxDirective):
    """``{build-status} build``: what the build knows of itself."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in when the page is written."""
        name = self.arguments[0]
        if name not in PARTS:
            raise self.error(f"no part {name!r} of the status: {', '.join(PARTS)}")
        self.env.note_dependency(str(data_folder() / "datapackage.json"))
        return [build_status(part=name)]


class FillStatus(SphinxPostTransform):
    """Write the parts as they are known when the page is written."""

    default_priority = 5

    def run(self, **kwargs: object) -> None:
        """Replace each mark."""
        for node in list(self.document.findall(build_status)):
            text = part(self.env, node["part"])
            node.replace_self(nodes.raw("", text, format="html"))


def refresh(app: Sphinx, error: Exception | None) -> None:
    """Write the parts again as they are at the end of this build."""
    file = Path(app.outdir) / f"{PAGE}.html"
    if error or app.builder.name != "html" or not file.is_file():
        return
    text = file.read_text(encoding="utf-8")
    for name in PARTS:
        place = re.compile(rf'<section class="build-{name}">.*?</section>', re.DOTALL)
        told = part(app.env, name).replace("\\", r"\\")
        text = place.sub(told, text)
    file.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register directive, transform and hook."""
    app.add_node(build_status)
    app.add_directive("build-status", BuildStatus)
    app.add_post_transform(FillStatus)
    app.connect("build-finished", refresh)
