"""What we chose and what is compiled agree, and hold on every Python we promise."""

import re
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROMISED = [
    {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
    }
    for python, platform in product(("3.11", "3.12", "3.13"), ("linux", "darwin"))
]


class Pin(NamedTuple):
    """One entry of a compiled file; ``via`` names the files that ask for it.

    A package has more than one where its versions differ between Pythons.
    """

    name: str
    version: str
    marker: str
    hashes: frozenset[str]
    via: frozenset[str]

    def fits(self, python: dict[str, str]) -> bool:
        return not self.marker or Marker(self.marker).evaluate(python)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def chosen(text: str) -> list[Requirement]:
    """The requirements of a .in file."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def compiled(text: str) -> list[Pin]:
    """The pins of a compiled file."""
    pins = []
    for block in re.split(r"\n(?=\w)", text):
        if found := re.match(r"([\w.-]+)(?:\[\S+\])?==(\S+)(?: ; ([^\\\n]+))?", block):
            name, version, marker = found.groups()
            hashes = frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", block))
            via = frozenset(re.findall(r"-r (\S+)", block))
            name = canonicalize_name(name)
            pins.append(Pin(name, version, (marker or "").strip(), hashes, via))
    return pins


def disagreements(source: str, text: str, lock: str) -> list[str]:
    """What stands in the chosen file or the compiled one and not so in the other."""
    wanted = {canonicalize_name(line.name): line.specifier for line in chosen(text)}
    pins = compiled(lock)
    wrong = [
        f"{name} is not compiled for {python}"
        for name, python in product(wanted, PROMISED)
        if not any(pin.name == name and pin.fits(python) for pin in pins)
    ]
    for pin in pins:
        if pin.name in wanted and not wanted[pin.name].contains(pin.version):
            chose = wanted[pin.name]
            wrong.append(f"{pin.name} is compiled as {pin.version}, chosen as {chose}")
        if source in pin.via and pin.name not in wanted:
            wrong.append(f"{pin.name} is compiled, not chosen")
    return wrong


def jupyter_books(lock: str) -> set[str]:
    """The major versions of Jupyter Book in a compiled file."""
    return {p.version.split(".")[0] for p in compiled(lock) if p.name == "jupyter-book"}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_chosen_and_compiled_agree(name: str) -> None:
    found = disagreements(f"{name}.in", read(f"{name}.in"), read(f"{name}.txt"))
    assert not found, f"{found}: run `make pins`"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("jupyter-book==1.0.4.post1", "jupyter-book==2.1.0", "chosen as ==2.1.0"),
        ("pandas>=3", "pandas>=4", "pandas is compiled as"),
        ("\nscipy ", "\nflask ", "flask is not compiled for"),
        ("\nscipy ", "\n# scipy ", "scipy is compiled, not chosen"),
    ],
)
def test_disagreement_is_noticed(old: str, new: str, complaint: str) -> None:
    text = read("requirements.in")
    assert old in text
    found = disagreements(
        "requirements.in", text.replace(old, new), read("requirements.txt")
    )
    assert complaint in " ".join(found)


def test_jupyter_book_stays_at_1() -> None:
    """Version 2 exits 0 on this book and writes no HTML."""
    lock = read("requirements.txt")
    assert jupyter_books(lock) == {"1"}
    newer = re.sub(r"^jupyter-book==\S+", "jupyter-book==2.1.0", lock, flags=re.M)
    assert jupyter_books(newer) == {"2"}


def test_each_choice_has_its_reason() -> None:
    bare = [
        line
        for line in read("requirements.in").splitlines()
        if line.strip() and "#" not in line
    ]
    assert bare == []


def test_tests_run_on_the_pins_of_the_book() -> None:
    book, dev = (
        {pin._replace(via=frozenset()) for pin in compiled(read(f"requirements{end}"))}
        for end in (".txt", "-dev.txt")
    )
    assert book < dev
    names = {pin.name for pin in book}
    assert {pin for pin in dev if pin.name in names} == book


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_pin_is_hashed_and_clear_for_each_python(name: str) -> None:
    pins = compiled(read(name))
    assert len(pins) == read(name).count("==") - read(name).count(" == '")
    for pin in pins:
        assert pin.hashes, f"{pin.name} has no hash"
        assert any(map(pin.fits, PROMISED)), f"{pin.name} is never installed"
    for python in PROMISED:
        names = [pin.name for pin in pins if pin.fits(python)]
        assert len(names) == len(set(names)), python


def test_package_promises_the_same_pythons() -> None:
    assert 'requires-python = ">=3.11,<3.14"' in read("pyproject.toml")
    assert "3.11.* | 3.12.* | 3.13.*" in read(".ci/venv.sh")
