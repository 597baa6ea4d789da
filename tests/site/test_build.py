"""The build cannot lie: each way of being wrong is tried on a small book of our own.

The small book has the real package, data, configuration and extensions, but two tiny
pages, so that a build takes seconds.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]

LANDING = """\
(table-uk_area_gva)=
# Small book

{verdict}`lesson` {finding}`lesson:size`
"""

KERNEL = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---
"""

LESSON = (
    KERNEL
    + """\
# Lesson

```{code-cell}
from creative_clusters.data import load
from creative_clusters.record import Finding, findings, glue
from creative_clusters.scale import FACTOR

gva = load("uk_area_gva").query("area == 'Salford' and year == 2010")
made = int(gva["all_industries"].iloc[0]) * FACTOR
glue(made=made)
```

Salford made {glue:text}`made`.

```{code-cell}
findings(
    f"Verdict {made}.",
    [Finding("size", f"Finding {made}", "exact", "supported")],
)
```

```{page-sources}
```
"""
)


def cell(code: str) -> str:
    """A page with one code cell."""
    return f"{KERNEL}# Page\n\n```{{code-cell}}\n{code}\n```\n"


class SmallBook:
    """A copy of the repository with a few tiny pages, and how to build it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.html = root / "_build" / "html"

    def put(self, **pages: str) -> None:
        """Write pages and list them all, the landing page first."""
        for name, text in pages.items():
            (self.root / "book" / f"{name}.md").write_text(text, encoding="utf-8")
        on_disk = sorted(page.stem for page in (self.root / "book").glob("*.md"))
        self.list_pages(*(name for name in on_disk if name != "index"))

    def list_pages(self, *names: str) -> None:
        """Write the table of contents."""
        chapters = [{"file": name} for name in names]
        toc = {"format": "jb-book", "root": "index", "chapters": chapters}
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change one place of one file."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def run(
        self, *command: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python command in the copy, with the copy's own package."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        done.stdout = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
        return done

    def git(self, *words: str) -> None:
        """Use the copy's own git to put everything back."""
        name = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *name, *words], cwd=self.root, check=True)

    def restore(self) -> None:
        """Put every file back; the last build stays where it is."""
        self.git("reset", "--quiet", "--hard")
        self.git("clean", "--quiet", "--force", "-d")

    def build(self, *options: str, **environment: str) -> str:
        """Build, see it succeed, and return what it said."""
        done = self.run("book/_ext/build.py", *options, **environment)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def fail(self, *options: str, **environment: str) -> str:
        """Build, see it fail, and return what it said."""
        done = self.run("book/_ext/build.py", *options, **environment)
        assert done.returncode == 1, done.stdout
        return done.stdout

    def executed(self, *options: str) -> list[str]:
        """Build, and return the pages for which a kernel was started."""
        ran = re.findall(r"book/(\S+)\.md: Executing notebook", self.build(*options))
        return sorted(name.rpartition("book/")[2] for name in ran)

    def says(self, name: str, out: Path = Path("_build")) -> str:
        """The main text of a built page, as a reader sees it."""
        html = (self.root / out / "html" / f"{name}.html").read_text(encoding="utf-8")
        return BeautifulSoup(html, "html.parser").select_one("main article").get_text()


@pytest.fixture(scope="module")
def tree(copied_tree: Callable[[], Path]) -> SmallBook:
    """One small book a test process."""
    root = copied_tree()
    for item in (root / "book").iterdir():
        if item.name[0] != "_" and item.suffix != ".bib":
            shutil.rmtree(item) if item.is_dir() else item.unlink()
    (root / "creative_clusters" / "scale.py").write_text('"""Scale."""\n\nFACTOR = 1\n')
    book = SmallBook(root)
    book.put(index=LANDING, lesson=LESSON)
    book.git("add", "--all")
    book.git("commit", "--quiet", "--message", "small book")
    return book


@pytest.fixture
def small(tree: SmallBook) -> Iterator[SmallBook]:
    """The small book; afterwards its files are as they were, its last build stays."""
    yield tree
    tree.restore()


def test_each_listed_page_is_built(book: Path) -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = toc.get("parts", [toc])
    listed = [chapter["file"] for part in parts for chapter in part["chapters"]]
    missing = [
        name for name in [toc["root"], *listed] if not (book / f"{name}.html").is_file()
    ]
    assert not missing


def test_unchanged_book_executes_nothing(small: SmallBook) -> None:
    small.build()
    log = small.build()
    assert "Executing notebook" not in log
    assert "no targets are out of date" in log


SOURCES = "\n\n```{page-sources}\n```\n"

# A page, and what the build must say of it.
WRONG_PAGES = {
    "glue": ("{glue:text}`nowhere:d`", "No key 'nowhere'"),
    "glue-far": ("{glue:text}`lesson.md::nowhere:d`", "nowhere"),
    "fact": ("{fact}`mediacity_figures.nowhere`" + SOURCES, "no fact"),
    "fact-table": ("{fact}`nowhere.jobs`" + SOURCES, "no table 'nowhere'"),
    "source": ("{source}`nowhere`" + SOURCES, "no source 'nowhere'"),
    "source-list": ("{source}`nao-2013-page`", "needs one {page-sources}"),
    "verdict": ("{verdict}`nowhere`", "no verdict 'nowhere'"),
    "finding": ("{finding}`lesson:nowhere`", "no finding 'lesson:nowhere'"),
    "repeat": ("```{repeat-figure} lesson:nowhere\n```", "'lesson:nowhere'"),
    "fact-without-value": (
        "{fact}`mediacity_figures.total_employment_effect`" + SOURCES,
        "no fact",
    ),
    "label": ("{ref}`nowhere`", "undefined label: 'nowhere'"),
    "figure-number": ("{numref}`nowhere`", "undefined label: 'nowhere'"),
    "link": ("[text](nowhere.md)", "'nowhere.md'"),
    "fragment": ("[text](#nowhere)", "'nowhere'"),
    "citation": ("{cite}`nowhere`", "nowhere"),
    "picture": ("![alt](nowhere.png)", "nowhere.png"),
    "role": ("{nowhere}`text`", "nowhere"),
    "no-header": ("```{code-cell}\n1\n```", "unexpected `code-cell`"),
    "stderr": (
        "```{code-cell}\nimport warnings\nwarnings.warn('mind')\n```",
        "stderr was found in the cell outputs",
    ),
}


@pytest.fixture(scope="module")
def two_bad_builds(tree: SmallBook) -> list[str]:
    """What a build of all the wrong pages says, and the next one after it."""
    for name, (text, _) in WRONG_PAGES.items():
        page = cell("1") + text if name == "stderr" else f"# Page\n\n{text}\n"
        tree.put(**{f"wrong-{name}": page})
    said = [tree.fail(), tree.fail()]
    tree.restore()
    return said


@pytest.mark.parametrize("build", [0, 1], ids=["at once", "when built again"])
@pytest.mark.parametrize("name", WRONG_PAGES)
def test_wrong_page_fails_build(
    two_bad_builds: list[str], name: str, build: int
) -> None:
    complaint = WRONG_PAGES[name][1]
    place = rf"/book/wrong-{name}\.md\S*:? (WARNING|ERROR): .*{re.escape(complaint)}"
    # Under -W every such line fails the build: the right pages beside give none.
    assert re.search(place, two_bad_builds[build]), two_bad_builds[build]


def test_right_page_is_not_complained_of(two_bad_builds: list[str]) -> None:
    assert not re.search(r"(lesson|index)\.md\S* (WARNING|ERROR)", two_bad_builds[0])


def test_one_warning_fails_this_build_and_the_next(small: SmallBook) -> None:
    small.put(wrong="# Page\n\n{ref}`nowhere`\n")
    for _ in range(2):
        assert "undefined label: 'nowhere'" in small.fail()


def test_cell_that_raises_fails_each_build(small: SmallBook) -> None:
    small.put(raising=cell("raise ValueError('this cell fails')"))
    assert "this cell fails" in small.fail()
    assert "this cell fails" in small.fail()


def test_interrupted_build_hides_no_warning(small: SmallBook) -> None:
    small.put(wrong="# Page\n\n{glue:text}`nowhere:d`\n")
    stop = "def setup(app):\n    app.connect('html-page-context', stop)\n"
    stop += "    return {'parallel_read_safe': True, 'parallel_write_safe': True}\n"
    stop += "def stop(*_):\n    'STOP' in os.environ and os._exit(130)\n"
    (small.root / "book" / "_ext" / "stop.py").write_text("import os\n" + stop)
    small.edit(
        "_config.yml",
        "  local_extensions:\n",
        "  local_extensions:\n    stop: book/_ext\n",
    )
    assert small.run("book/_ext/build.py", STOP="1").returncode == 130
    assert "No key 'nowhere'" in small.fail()


def test_two_figures_of_one_name_fail_build(small: SmallBook) -> None:
    drawing = """\
from matplotlib import pyplot as plt
from creative_clusters.data import load
from creative_clusters.style import figure

fig, ax = plt.subplots()
ax.set(xlabel="Year", ylabel="GBP million")
figure(fig, name="twin", caption="A.", alt="word " * 20, source="sources",
       data=load("sources").head(2))"""
    small.put(one=cell(drawing), two=cell(drawing))
    assert "twin" in small.fail()


SALFORD_2010 = "E08000006,Salford,England,true,2010,"


def change_salford(small: SmallBook, by: int, folder: str = "data") -> int:
    """Change the number that the small lesson is about."""
    table = f"{folder}/areas/uk_area_gva.csv"
    text = (small.root / table).read_text(encoding="utf-8")
    old = int(re.search(SALFORD_2010 + r"(\d+),", text)[1])
    small.edit(table, f"{SALFORD_2010}{old},", f"{SALFORD_2010}{old + by},")
    return old + by


def test_changed_data_reaches_page_and_landing_page(small: SmallBook) -> None:
    small.build()
    made = change_salford(small, by=1234)
    assert f"made {made}" not in small.says("lesson")
    assert "uk_area_gva" in small.run("data/seal.py").stdout
    assert small.executed() == ["lesson"]
    assert f"Salford made {made}" in small.says("lesson")
    assert f"Verdict {made}. Finding {made} (exact)." in small.says("index")


def test_unsealed_data_fails_build_and_names_table(small: SmallBook) -> None:
    change_salford(small, by=1)
    assert "Table 'uk_area_gva'" in small.fail()


def test_changed_package_reruns_pages(small: SmallBook) -> None:
    small.build()
    before = re.search(r"made (\d+)", small.says("lesson"))[1]
    small.edit("creative_clusters/scale.py", "FACTOR = 1", "FACTOR = 10")
    assert small.executed() == ["lesson"]
    assert f"made {before}0" in small.says("lesson")
    assert f"Verdict {before}0" in small.says("index")


def test_build_reads_no_other_data(small: SmallBook, tmp_path: Path) -> None:
    other = small.root / "elsewhere"
    shutil.copytree(small.root / "data", other)
    made = change_salford(small, by=1234, folder="elsewhere")
    small.run("elsewhere/seal.py")
    small.build("--out", str(tmp_path), CREATIVE_CLUSTERS_DATA=str(other))
    assert f"made {made - 1234}" in small.says("lesson", tmp_path)


def test_package_of_another_checkout_is_refused(small: SmallBook) -> None:
    other = small.root / "elsewhere"
    shutil.copytree(small.root / "creative_clusters", other / "creative_clusters")
    assert str(other) in small.fail(PYTHONPATH=str(other))


def test_table_may_be_loaded_twice_on_a_page(small: SmallBook) -> None:
    lines = ["from creative_clusters.data import load", *["load('sources');"] * 2]
    small.put(twice=cell("\n".join(lines)))
    assert "twice" in small.executed()


def test_changed_pin_reruns_pages(small: SmallBook) -> None:
    small.build()
    with (small.root / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    assert small.executed() == ["lesson"]


def test_change_reaches_all_pages_that_repeat_it_and_no_other(small: SmallBook) -> None:
    small.put(other="# Other\n\nSalford, {glue:text}`lesson.md::made:,d`.\n")
    small.build()
    small.edit("book/lesson.md", "glue(made=made)", "glue(made=made * 0 + 7)")
    small.edit("book/lesson.md", "Verdict {made}", "Verdict seven")
    small.build()
    assert "Verdict seven" in small.says("index")
    assert "Salford, 7." in small.says("other")
    other = small.html / "other.html"
    written = other.stat().st_mtime_ns
    small.edit("book/lesson.md", "# Lesson\n", "# Lesson\n\nOne more sentence.\n")
    small.build()
    assert "One more sentence." in small.says("lesson")
    assert other.stat().st_mtime_ns == written, "written, but it repeats nothing new"


def test_figures_are_numbered_as_if_all_pages_were_loaded(small: SmallBook) -> None:
    drawing = (
        "```{{figure}} https://example.org/{0}.png\n:name: fig-{0}\n\nOf {0}\n```\n"
    )
    pages = {f"drawn{n}": f"# Page {n}\n\n" + drawing.format(f"d{n}") for n in "ab"}
    small.put(**pages, last="# Last\n\n{numref}`fig-da`, {numref}`fig-db`\n")
    small.build()
    first = small.says("last")
    assert "Fig. 1" in first
    assert "Fig. 2" in first
    small.edit("book/drawna.md", "# Page a\n", "# Page a\n\n" + drawing.format("dz"))
    small.build()
    assert "Fig. 2" in small.says("last")
    assert "Fig. 3" in small.says("last")


def test_changed_style_sheet_is_published(small: SmallBook) -> None:
    sheet = small.root / "book" / "_static" / "small.css"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text("a { color: red }")
    small.build()
    sheet.write_text("a { color: blue }")
    small.build()
    assert "blue" in (small.html / "_static" / "small.css").read_text()


def test_listed_page_that_is_not_there_fails_build(small: SmallBook) -> None:
    small.list_pages("lesson", "nowhere")
    assert "nowhere" in small.fail()
    small.list_pages("lesson")
    small.build()
    (small.root / "book" / "lesson.md").unlink()
    assert "lesson" in small.fail()


def test_unlisted_page_is_not_published(small: SmallBook) -> None:
    small.put(draft="# Draft\n")
    small.build()
    assert (small.html / "draft.html").is_file()
    small.list_pages("lesson")
    small.build()
    assert not list(small.html.rglob("draft*"))
    index = (small.html / "searchindex.js").read_text(encoding="utf-8")
    assert "lesson.md" in index
    assert "draft.md" not in index


def test_pages_with_code_run_in_parallel_and_others_not_at_all(
    small: SmallBook, tmp_path: Path
) -> None:
    # Each of two pages waits for the other: one after the other they would never end.
    meet = """\
import time
from pathlib import Path

Path("{here}.started").touch()
until = time.monotonic() + 60
while not Path("{there}.started").exists():
    assert time.monotonic() < until, "alone"
    time.sleep(0.05)"""
    prose = {f"m{number}": f"# Page {number}\n" for number in range(4)}
    # Neighbours in the alphabet, which Sphinx by itself would give to one core.
    one, two = meet.format(here="a", there="b"), meet.format(here="b", there="a")
    small.put(a=cell(one), b=cell(two), **prose)
    ran = small.executed("--jobs", "2", "--out", str(tmp_path))
    assert ran == ["a", "b", "lesson"]


def test_page_sees_nothing_of_the_page_run_before_it(
    small: SmallBook, tmp_path: Path
) -> None:
    look = """\
import os
import pandas as pd

assert "mark" not in dir(pd) and "MARK" not in os.environ
pd.mark = os.environ["MARK"] = "{page}"
print(os.getcwd())"""
    small.put(a=cell(look.format(page="a")), b=cell(look.format(page="b")))
    ran = small.executed("--jobs", "1", "--out", str(tmp_path))
    assert ran == ["a", "b", "lesson"]
    assert str(small.root / "book") in small.says("b", tmp_path)


def test_page_whose_kernel_dies_fails_build(small: SmallBook) -> None:
    small.put(dying=cell("import os\nos._exit(1)"))
    assert "DeadKernelError" in small.fail()


def test_plain_jupyter_book_builds_too(small: SmallBook) -> None:
    command = ["-c", "from jupyter_book.cli.main import main; main()", "build", "book"]
    done = small.run(*command, "--config", "_config.yml", "--toc", "_toc.yml")
    assert done.returncode == 0, done.stdout
    assert "Salford made" in small.says("lesson")


def test_moved_page_sends_its_readers_on(small: SmallBook) -> None:
    moved = small.root / "book" / "redirects.txt"
    moved.write_text("# moved\nolder/page.md lesson.md\n", encoding="utf-8")
    for _ in range(2):
        small.build()
        page = (small.html / "older" / "page.html").read_text(encoding="utf-8")
        sign = BeautifulSoup(page, "html.parser")
        assert sign.select_one("main a")["href"] == "../lesson.html"
        script = small.html / "older" / sign.select_one("script")["src"]
        assert script.resolve().is_file()
    moved.unlink()
    small.build()
    assert not (small.html / "older" / "page.html").exists()
    moved.write_text("older/page.md nowhere.md\n", encoding="utf-8")
    assert "nowhere.html does not exist" in small.fail()


def test_status_is_of_this_build_and_no_reason_to_write_pages(
    small: SmallBook,
) -> None:
    (small.root / "book" / "reference").mkdir(exist_ok=True)
    small.put(**{"reference/status": "# Status\n\n```{build-status} build\n```\n"})
    small.list_pages("lesson", "reference/status")
    small.build(SOURCE_DATE_EPOCH="86400")
    assert "2 January 1970, 00:00 UTC" in small.says("reference/status")
    said = small.build(SOURCE_DATE_EPOCH="172800")
    assert "no targets are out of date" in said
    assert "3 January 1970, 00:00 UTC" in small.says("reference/status")
    assert "with changes not committed" in small.says("reference/status")


def test_page_that_another_process_adds_does_not_pass_for_an_old_one(
    tmp_path: Path,
) -> None:
    from clusters_book.execution import keep_all
    from jupyter_cache.cache.main import JupyterCacheBase
    from sphinx.application import Sphinx

    (tmp_path / "conf.py").touch()
    folders = [str(tmp_path / name) for name in ("out", "trees")]
    Sphinx(str(tmp_path), None, *folders, "dummy", status=None).setup_extension(
        "clusters_book.execution"
    )
    assert JupyterCacheBase.truncate_caches is keep_all
