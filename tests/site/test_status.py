"""The status page: all that the build can know of itself, and nothing made up."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from clusters_book.status import commit, installed, now

from creative_clusters.data import describe, tables

GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]


@pytest.fixture(scope="module")
def status(book: Path) -> BeautifulSoup:
    """The status page."""
    text = (book / "reference" / "status.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def rows(status: BeautifulSoup, part: str) -> list[list[str]]:
    """The cells of the table of one part."""
    return [
        [cell.get_text() for cell in row.select("th, td")]
        for row in status.select(f"section.build-{part} tbody tr")
    ]


def test_time_of_the_build_is_told(book: Path, status: BeautifulSoup) -> None:
    told = datetime.fromisoformat(status.select_one(".build-build time")["datetime"])
    record = (book.parent / "record.json").stat().st_mtime
    assert abs(told - datetime.fromtimestamp(record, UTC)) < timedelta(minutes=2)


def test_each_table_is_listed_with_its_age(status: BeautifulSoup) -> None:
    listed = {
        name: [period.replace("–", "-"), seen]
        for name, period, seen in rows(status, "data")
    }
    assert listed == {
        name: [describe(name)["period"], describe(name)["seen"]] for name in tables()
    }


def test_packages_are_those_at_work(status: BeautifulSoup) -> None:
    listed = {row[0]: row[1] for row in rows(status, "packages")}
    for name in ("jupyter-book", "pandas", "numpy", "matplotlib", "resvg-py"):
        assert listed[name] == version(name)
    assert not [name for name, told in listed.items() if told == "unknown"]
    assert installed("no-such-package") == "unknown"


def test_computing_time_is_that_of_the_record(
    book: Path, status: BeautifulSoup
) -> None:
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    ran = sorted(
        (page["seconds"] for page in record.values() if page["seconds"] is not None),
        reverse=True,
    )
    assert [float(row[1]) for row in rows(status, "pages")] == ran
    said = status.select_one(".build-pages p").get_text()
    assert f"{round(sum(ran), 1)} seconds" in said


def test_footer_of_each_page_leads_to_it(book: Path) -> None:
    text = (book / "lessons" / "place.html").read_text(encoding="utf-8")
    assert re.search(r'href="\.\./reference/status\.html">How this copy', text)


def test_commit_is_named_with_its_changes(tmp_path: Path) -> None:
    assert commit(tmp_path) is None

    def git(*words: str) -> None:
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)

    git("init", "--quiet")
    assert commit(tmp_path) is None
    (tmp_path / "page.md").write_text("one")
    git("add", "--all")
    git("commit", "--quiet", "--message", "one")
    clean = commit(tmp_path)
    assert clean is not None
    assert not clean.changed
    assert clean.address is None
    (tmp_path / "page.md").write_text("two")
    git("remote", "add", "origin", "https://github.com/someone/fork.git")
    changed = commit(tmp_path)
    assert changed is not None
    assert changed.changed
    assert changed.address == f"https://github.com/someone/fork/commit/{changed.name}"


def test_reproducible_builds_may_set_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert now() == datetime(1970, 1, 2, tzinfo=UTC)
