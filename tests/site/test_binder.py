"""What Binder installs opens the page's launch link as a notebook that runs.

The environment is made of nothing but the files in ``.binder/``, in the order in which
Binder uses them; JupyterLab in it is then driven by a browser.
"""

import importlib.util
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from clean import clean_environment
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
LESSON = "lessons/no-guarantee"
SECONDS_TO_START = 60
SECONDS_TO_RUN = 180


def check(*command: str | Path, cwd: Path, env: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


class Image(NamedTuple):
    """What Binder would make: the repository in it, and its environment."""

    tree: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def image(
    copied_tree: Callable[..., Path],
    book: Path,
    clean_venv: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Image:
    # The clean build has run the cells with the same pins; Lab runs a page's again.
    tree, home = copied_tree(like=book), tmp_path_factory.mktemp("home")
    env = clean_environment(home, clean_venv)
    check(tree / ".binder" / "postBuild", cwd=tree, env=env)
    return Image(tree, env)


@pytest.fixture(scope="module")
def server(image: Image) -> Iterator[str]:
    """The address of JupyterLab in that environment, with its token to fill in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    address = f"http://127.0.0.1:{port}"
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "IdentityProvider.token": token,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "LabApp.expose_app_in_browser": True,
    }
    log = image.tree.parent / "lab.log"
    with log.open("w") as said:
        lab = subprocess.Popen(
            ["jupyter-lab", *(f"--{name}={value}" for name, value in options.items())],
            executable=shutil.which("jupyter-lab", path=image.env["PATH"]),
            cwd=image.tree,
            env=image.env,
            stdout=said,
            stderr=said,
        )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not answers(f"{address}/api"):
            assert lab.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"{address}/{{path}}?token={token}"
    finally:
        lab.terminate()
        lab.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def launch_path(forked_book: Path) -> str:
    """The path in JupyterLab behind the launch button of the built page."""
    html = (forked_book / f"{LESSON}.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    (link,) = {a["href"] for a in page("a", href=re.compile("mybinder"))}
    (path,) = parse_qs(urlsplit(link).query)["urlpath"]
    return path


@pytest.fixture(scope="module")
def notebook(chromium: Browser, server: str, launch_path: str) -> Iterator[Page]:
    """The page as the launch button opens it."""
    page = chromium.new_page()
    page.goto(server.format(path=launch_path))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_function("jupyterapp.shell.currentWidget.sessionContext.isReady")
    yield page
    page.close()


def cells(page: Page) -> list[dict[str, Any]]:
    model = "jupyterapp.shell.currentWidget.content.model"
    found: list[dict[str, Any]] = page.evaluate(f"{model}.toJSON().cells")
    return found


def prose(page: Page) -> str:
    sources = (cell["source"] for cell in cells(page) if cell["cell_type"] != "code")
    return "\n".join(s if isinstance(s, str) else "".join(s) for s in sources)


def test_repo2docker_accepts_the_repository(copied_tree: Callable[..., Path]) -> None:
    repo2docker = Path(sys.executable).with_name("jupyter-repo2docker")
    done = subprocess.run(
        [
            repo2docker,
            "--no-build",
            "--debug",
            "--user-id",
            "1000",
            "--user-name",
            "reader",
            ".",
        ],
        cwd=copied_tree(),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert '-r ".binder/requirements.txt"' in said
    assert ".binder/postBuild" in said


def test_launch_link_opens_notebook_with_nothing_in_the_way(notebook: Page) -> None:
    assert notebook.locator(".jp-NotebookPanel").is_visible()
    assert notebook.locator(".jp-FileEditor").count() == 0
    assert notebook.locator("h1").first.inner_text().strip("¶") == "No guarantee"
    notebook.wait_for_timeout(2000)  # a question about news would come late
    for obstacle in (".jp-Dialog", ".Toastify__toast"):
        assert notebook.locator(obstacle).count() == 0, obstacle


def test_all_cells_run_and_draw(notebook: Page) -> None:
    notebook.set_default_timeout(1000 * SECONDS_TO_RUN)
    assert notebook.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    code = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code if cell["source"])
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [out for out in outputs if out["output_type"] == "error"]
    printed = [out for out in outputs if out["output_type"] == "stream"]
    # Nothing but the solutions of the exercises, and they are right.
    assert {(out["name"], out["text"].splitlines()[-1]) for out in printed} == {
        ("stdout", "Right.")
    }
    drawn = [
        number
        for number, cell in enumerate(cells(notebook))
        if "<figure><img" in str(cell.get("outputs"))
    ]
    assert drawn
    content = "jupyterapp.shell.currentWidget.content"
    notebook.evaluate(f"{content}.scrollToItem({drawn[0]}, 'start').then(() => 0)")
    picture = notebook.locator(".jp-OutputArea-output figure img").first
    picture.wait_for(timeout=10_000)
    assert picture.evaluate("img => img.naturalWidth") > 100
    assert notebook.locator(".jp-Dialog").count() == 0


def test_prose_says_the_numbers_of_the_book(notebook: Page, book: Path) -> None:
    html = (book / f"{LESSON}.html").read_text(encoding="utf-8")
    built = BeautifulSoup(html, "html.parser").select("main article .pasted-text")
    said, place = prose(notebook), 0
    assert len(built) > 10
    for number in built:
        place = said.find(number.get_text(), place) + 1
        assert place, f"{number.parent.get_text()!r} says something else in JupyterLab"


def test_prose_leaves_nothing_to_look_up(notebook: Page) -> None:
    left = re.findall(r"\{(?!math|exercise|code-cell)[a-z:-]+\}", prose(notebook))
    assert not left


@pytest.fixture(scope="module")
def fill() -> Any:
    """The module .binder/fill.py."""
    spec = importlib.util.spec_from_file_location("fill", ROOT / ".binder" / "fill.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_that_no_build_has_run_is_run(fill: Any, tmp_path: Path) -> None:
    path = tmp_path / "new.md"
    cell = "from creative_clusters.record import glue\n\nglue(answer=6 * 7)"
    head = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
    path.write_text(f"{head}\n```{{code-cell}}\n{cell}\n```\n", encoding="utf-8")
    page = fill.Page(path, tmp_path)
    assert page.already_run(None) is None
    page.run()
    assert page.glued == {"answer": "42"}


@pytest.mark.parametrize(
    ("role", "filled"),
    [
        ("{glue:text}`rise:.1f`", "12.3"),
        ("{glue:text}`rise:,.0f`", "12"),
        ("{glue:text}`place`", "Salford"),
        ("{glue:text}`lessons/other.md::rise:.2f`", "12.35"),
        ("{verdict}`lessons/other`", "It worked."),
        ("{finding}`lessons/other:gap`", "It grew."),
        ("{numref}`growth`", "figure “Growth, by year”"),
        ("{fact}`mediacity_figures.jobs_claimed_2011`", "15,000 [[1]](<http"),
        ("{cite:p}`abadie2010,abadie2021`", "(Abadie et al., 2010; Abadie, 2021)"),
        ("{cite:t}`komorowski2020`", "Komorowski and Picone (2020)"),
        ("{term}`cluster`", "cluster"),
        ("{ref}`the tables <table-x>`", "the tables"),
        ("{math}`x^2`", "{math}`x^2`"),
        ("{glue:text}`nowhere`", None),
        ("{fact}`mediacity_figures.nowhere`", None),
        ("{fact}`nowhere.nowhere`", None),
        ("{source}`nowhere`", None),
        ("{verdict}`nowhere`", None),
        ("{finding}`lessons/other:nowhere`", None),
        ("{numref}`nowhere`", None),
        ("{cite:p}`nowhere`", None),
        ("{nowhere}`text`", None),
    ],
)
def test_role_is_filled_or_stops_the_image(
    fill: Any, tmp_path: Path, role: str, filled: str | None
) -> None:
    shutil.copy(ROOT / "book" / "references.bib", tmp_path)
    pages = {}
    for name in ("index", "lessons/other"):
        path = tmp_path / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Word {role} word.\n", encoding="utf-8")
        pages[name] = fill.Page(path, tmp_path)
    for page in pages.values():
        page.glued = {"rise": "12.345", "place": "'Salford'"}
        page.figures = {"growth": "Growth, by year. And more."}
        page.verdict, page.findings = "It worked.", {"gap": "It grew."}
    filler = fill.Filler(list(pages.values()), tmp_path)
    if filled is None:
        with pytest.raises(fill.NotFilled, match=f"index: .*{re.escape(role)}"):
            fill.fill(filler, pages["index"])
    else:
        assert f"Word {filled}" in fill.fill(filler, pages["index"])


def test_blocks_that_only_the_book_draws_are_replaced(
    fill: Any, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "book" / "references.bib", tmp_path)
    path = tmp_path / "index.md"
    path.write_text(
        ":::{container} glance\nKept\n: words\n:::\n\n"
        "````{solution-start} one\n:class: dropdown\n````\n\nAnswer\n\n"
        "````{solution-end}\n````\n\nFrom here{source}`bbc-ariel-2013` and "
        "{cite:p}`komorowski2020`.\n\n```{page-sources}\n```\n\n"
        ":::{quiz}\nWhich?\n\n- [x] One.\n\n  Yes.\n- [ ] Two.\n\n  No.\n:::\n",
        encoding="utf-8",
    )
    page = fill.Page(path, tmp_path)
    text = fill.fill(fill.Filler([page], tmp_path), page)
    assert "Kept\n: words\n" in text
    assert "**Solution**\n\nAnswer" in text
    assert "**Question 1.** Which?\n\n- **A.** One.\n\n- **B.** Two." in text
    assert "\n1. BBC" in text  # the sources, as at the end of the page in the book
    assert "*Creative Cluster Development" in text
    assert "{" not in text
