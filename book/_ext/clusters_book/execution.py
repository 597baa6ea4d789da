"""Pages run again whenever anything they rest on has changed.

Jupyter Book's cache knows a page by its code alone: with a corrected CSV it would go
on showing the old number. Here the cache lives in a folder named after a fingerprint
of the data, the package and the pins, so a change of any of them starts a new one.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.cache.main import JupyterCacheBase
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.parallel import make_chunks

import creative_clusters

ROOT = Path(__file__).parents[3]
FED_TO_PAGES = ("data/**/*", "creative_clusters/*.py", "requirements.txt")
FED_TO_READING = ("book/_ext/**/*.py", "_config.yml")
FED_TO_WRITING = (
    "book/_static/**/*",
    "book/_ext/clusters_book/static/*",
    "book/_ext/clusters_book/templates/**/*",
)

CATALOGUE = "reference/data"  # reads every table
# These two say nothing about parallel reading, and Sphinx would then refuse it.
SILENT_BUT_SAFE = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")


def fingerprint(root: Path, patterns: tuple[str, ...]) -> str:
    """Hash the names and the contents of all files that match."""
    total = hashlib.sha256(sys.version.encode())
    for path in sorted({p for pattern in patterns for p in root.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(root).as_posix().encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


def caches(app: Sphinx) -> Path:
    """The folder that holds one execution cache a fingerprint."""
    return Path(app.outdir).parent / ".jupyter_cache"


def guard(app: Sphinx, config: Config) -> None:
    """Build from this checkout alone, and not upon a build that was interrupted."""
    package = Path(creative_clusters.__file__).parents[1]
    if package != ROOT:
        raise ExtensionError(
            f"The pages would use the package in {package}, not the one in {ROOT}. "
            f"Put the book's own folder first: PYTHONPATH={ROOT}"
        )
    os.environ["CREATIVE_CLUSTERS_DATA"] = str(ROOT / "data")
    config.external_toc_path = str(ROOT / "_toc.yml")
    if unfinished(app).exists():
        shutil.rmtree(app.doctreedir)
    Path(app.doctreedir).mkdir(parents=True, exist_ok=True)
    unfinished(app).touch()


def unfinished(app: Sphinx) -> Path:
    """The mark of a build that has begun; what it read has warnings we cannot see."""
    return Path(app.doctreedir) / "unfinished"


def name_cache(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the cache of this fingerprint.

    The path is a setting of the environment: when it changes, Sphinx reads every page
    again, so tables, prose and landing page all follow.
    """
    path = caches(app) / fingerprint(ROOT, FED_TO_PAGES)
    config.nb_execution_cache_path = str(path)
    config.clusters_reading = fingerprint(ROOT, FED_TO_READING)
    config.clusters_writing = fingerprint(ROOT, FED_TO_WRITING)
    get_cache(path).list_cache_records()  # two workers making it at once would clash


def declare_safe(app: Sphinx) -> None:
    """Let pages be read, and so executed, on all cores."""
    for name in SILENT_BUT_SAFE:
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True


def share_out(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Give every core its share of the pages that take long.

    Sphinx deals pages out in the order of their names, so that one core would run most
    of the lessons while the others wait for it.
    """
    sizes = [len(batch) for batch in make_chunks(docnames, app.parallel)]
    coded = [name for name in docnames if has_code(env.doc2path(name))]
    others = [name for name in docnames if name not in coded]
    long = [name for name in others if name == CATALOGUE] + coded
    others = [name for name in others if name != CATALOGUE]
    docnames.clear()
    for core, size in enumerate(sizes):
        turn = long[core :: app.parallel] if core < app.parallel else []
        docnames += turn[:size] + others[: max(size - len(turn), 0)]
        others = others[max(size - len(turn), 0) :] + turn[size:]


def write_on_all_cores(app: Sphinx, env: BuildEnvironment) -> None:
    """Have a process more: Sphinx lets one of them only hand pages out to write."""
    if app.parallel > 1:
        app.parallel += 1


def has_code(path: str) -> bool:
    """Whether a page will be executed."""
    return "{code-cell}" in Path(path).read_text(encoding="utf-8")


def forget_failures(app: Sphinx, error: Exception | None) -> None:
    """After a warning read everything anew: Sphinx says each warning only once."""
    if error or app.statuscode or app._warncount:
        shutil.rmtree(app.doctreedir, ignore_errors=True)
        return
    unfinished(app).unlink()
    current = Path(app.config.nb_execution_cache_path)
    for old in caches(app).iterdir():
        if old != current:
            shutil.rmtree(old, ignore_errors=True)


def keep_all(cache: JupyterCacheBase) -> None:
    """Drop no page from the cache.

    jupyter-cache looks for its oldest pages whenever one is added, by two questions to
    its database. A page that another process adds between them would pass for old, and
    the build end with a KeyError. Caches are dropped whole here, see `forget_failures`.
    """


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    JupyterCacheBase.truncate_caches = keep_all
    app.add_config_value("clusters_reading", "", "env")
    app.add_config_value("clusters_writing", "", "html")  # a style sheet, too, is news
    app.connect("config-inited", guard, priority=100)  # before the toc is read
    app.connect("config-inited", name_cache, priority=900)
    app.connect("builder-inited", declare_safe)
    app.connect("env-before-read-docs", share_out)
    app.connect("env-updated", write_on_all_cores)
    app.connect("build-finished", forget_failures, priority=900)
