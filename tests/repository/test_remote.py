"""Buttons follow git's remote, and a remote that is not public shows nowhere."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from clusters_book.repository import pages_address, public_address

LESSON = "lessons/no-guarantee"
TOKEN = "https://oauth2:sesame@github.com/hidden-owner/hidden-place.git"  # as in `book`


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://github.com/someone/fork", "https://github.com/someone/fork"),
        ("https://github.com/someone/fork.git", "https://github.com/someone/fork"),
        ("https://github.com/someone/fork/", "https://github.com/someone/fork"),
        ("https://gitlab.com/some.one/a-fork", "https://gitlab.com/some.one/a-fork"),
        ("git@github.com:someone/fork.git", None),
        ("ssh://git@github.com/someone/fork", None),
        ("http://github.com/someone/fork", None),
        ("https://sesame@github.com/someone/fork", None),
        (TOKEN, None),
        ("https://github.com/someone/fork?token=sesame", None),
        ("https://github.com/someone", None),
        ("https://github.com.example.org/someone/fork", None),
        ("https://git.example.org/someone/fork", None),
        ("https://localhost/someone/fork", None),
        ("http://127.0.0.1:3000/someone/fork", None),
        ("/srv/git/fork.git", None),
        ("file:///srv/git/fork.git", None),
        ("../fork", None),
        ("", None),
    ],
)
def test_only_public_addresses_are_shown(remote: str, shown: str | None) -> None:
    assert public_address(remote) == shown


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Someone/fork", "https://someone.github.io/fork/"),
        ("https://gitlab.com/some/fork", "https://some.gitlab.io/fork/"),
    ],
)
def test_site_stands_where_the_host_publishes_it(repository: str, site: str) -> None:
    assert pages_address(repository) == site


def test_chats_are_told_the_address_of_the_fork(forked_book: Path) -> None:
    html = (forked_book / f"{LESSON}.html").read_text(encoding="utf-8")
    told = BeautifulSoup(html, "html.parser").select_one("meta[property='og:url']")
    assert told is not None
    assert told["content"] == f"https://someone.github.io/fork/{LESSON}.html"


def links(html: Path, page: str) -> list[str]:
    """Where the links of one page lead."""
    text = (html / f"{page}.html").read_text(encoding="utf-8")
    return [a["href"] for a in BeautifulSoup(text, "html.parser")("a", href=True)]


def test_buttons_of_a_fork_point_at_the_fork(forked_book: Path) -> None:
    found = links(forked_book, LESSON)
    launch = "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/book"
    assert f"{launch}/{LESSON}.md" in found
    assert "https://github.com/someone/fork" in found
    for view in ("edit", "blob"):
        assert any(
            link.startswith(
                f"https://github.com/someone/fork/{view}/main/book/{LESSON}"
            )
            for link in found
        ), view
    repositories = [
        link for link in found if "github.com" in link or "mybinder" in link
    ]
    assert all("someone/fork" in link for link in repositories), repositories


def test_private_remote_gives_no_buttons(book: Path) -> None:
    found = links(book, LESSON)
    assert not [link for link in found if "mybinder" in link or "/edit/" in link]


def test_private_remote_shows_nowhere(book: Path) -> None:
    built = [path for path in book.rglob("*") if path.is_file()]
    secrets = (b"sesame", b"hidden-owner", b"hidden-place")
    telling = [p for p in built if any(s in p.read_bytes() for s in secrets)]
    assert len(built) > 20
    assert not telling
