"""The data catalogue: a card for every table, made from its passport.

The cards stand where the page has ``<!-- data catalogue -->``, grouped by the folders
of ``data/``. All tables with their passports are packed into one file.
"""

import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from creative_clusters.data import data_folder, describe, load, tables

MARK = "<!-- data catalogue -->"
ARCHIVE = "creative-clusters-data.zip"
PREVIEW_ROWS = 3
STATIC = Path(__file__).parent / "static"
SEARCH = """```{raw} html
<form class="catalogue-search" role="search" hidden>
<label for="catalogue-words">Find a table by place, topic, lesson or any word</label>
<input id="catalogue-words" type="search" autocomplete="off">
<p id="catalogue-count" role="status"></p>
</form>
```"""

# Headings of the folders of data/, in the order of the catalogue.
GROUPS = {
    "areas": "Places compared",
    "firms": "Firms and self-employment",
    "cases": "Cases: what was promised, counted and said",
    "networks": "Who works with whom",
    "civictech": "Civic Tech Toronto",
    "surveys": "Surveys",
    "book": "The printed volume",
    "": "Lists that the tables share",
}
LESSONS = {
    "no-one-size-fits-all": "No one-size-fits-all",
    "tensions": "Tensions",
    "governance": "Governance",
    "place": "Place",
    "entrepreneurship": "Entrepreneurship",
    "no-guarantee": "No guarantee",
}


def write_catalogue(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put search and cards where the page asks for them."""
    if MARK not in content[0]:
        return
    app.env.note_dependency(str(data_folder() / "datapackage.json"))
    parts = [SEARCH]
    for folder, heading in GROUPS.items():
        names = [name for name in tables() if folder_of(name) == folder]
        if names:
            parts += [f"## {heading}", *(card(name) for name in names)]
    content[0] = content[0].replace(MARK, "\n\n".join(parts))


def folder_of(name: str) -> str:
    """The folder of ``data/`` in which a table lies; empty for its top."""
    path: str = describe(name)["path"]
    return path.rpartition("/")[0]


def card(name: str) -> str:
    """One table's passport as MyST text."""
    from creative_clusters.style import table_html  # brings matplotlib: a second

    p = describe(name)
    licence = p["licenses"][0]
    keys = p["schema"]["primaryKey"]
    keys = [keys] if isinstance(keys, str) else keys
    origin = "; ".join(
        f"[{s['title']}]({s['path']})" if s["path"].startswith("http") else s["title"]
        for s in p["sources"]
    )
    terms = {
        "One row": f"{p['oneRow']}; {p['rows']:,} rows. "
        f"Key: {', '.join(f'`{key}`' for key in keys)}",
        "Period": f"{p['period']}; read on {p['seen']}",
        "Places": ", ".join(p["places"]),
        "Topics": ", ".join(p["topics"]),
        "Lessons": ", ".join(LESSONS[lesson] for lesson in p["lessons"]) or "all",
        "Source": origin,
        "Licence": f"[{licence['title']}]({licence['path']})",
        "How to cite": f"{p['attribution']} In: *Creative Cluster Development: the "
        f"executable edition*, version {version('creative-clusters')}, table `{name}`.",
        "Used on": ", ".join(f"{{doc}}`/{page}`" for page in p["usedBy"])
        or "no page of this release",
        "Figures": f"{{figures-of}}`{name}`",
        "What it cannot tell you": p["cannotTell"],
    }
    passport = "\n\n".join(f"{term}\n: {said}" for term, said in terms.items() if said)
    gaps = "\n".join(f"- {gap}" for gap in p["knownGaps"])
    columns = "\n\n".join(column(field) for field in p["schema"]["fields"])
    preview = table_html(
        load(name).head(PREVIEW_ROWS), f"First {PREVIEW_ROWS} rows of {name}"
    )
    return f"""(table-{name})=
### {p["title"]}

{p["description"]}

`load("{name}")` or {{download}}`CSV </../data/{p["path"]}>`

:::{{dropdown}} Passport of {name}
{passport}

Known gaps
: {gaps.replace(chr(10), chr(10) + "  ")}

```{{raw}} html
{preview}
```

{columns}
:::"""


def column(field: dict[str, Any]) -> str:
    """One column as an entry of a list of terms."""
    unit = f", {field['unit']}" if "unit" in field else ""
    return f"`{field['name']}` ({field['type']}{unit})\n: {field['description']}"


def pack(app: Sphinx, error: Exception | None) -> None:
    """Pack all tables and passports into one file; same data, same bytes."""
    if error or app.builder.format != "html":
        return
    folder = data_folder()
    wanted = [folder / describe(name)["path"] for name in tables()]
    wanted += [folder / "datapackage.json", *sorted(folder.rglob("*.LICENSE"))]
    target = Path(app.outdir) / ARCHIVE
    newest = max(path.stat().st_mtime for path in wanted)
    if target.exists() and target.stat().st_mtime > newest:
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in wanted:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def add_static(app: Sphinx, config: Config) -> None:
    """Publish the script of the search."""
    config.html_static_path.append(str(STATIC))


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Load it on the catalogue, and nowhere else."""
    if pagename == "reference/data":
        app.add_js_file("catalogue.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("config-inited", add_static)
    app.connect("source-read", write_catalogue)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", pack)
