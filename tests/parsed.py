"""Pages as trees, each parsed once a process, however many tests look at it."""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup


@cache
def parsed(path: Path) -> BeautifulSoup:
    """A page of the built book, to be read and not to be changed."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
