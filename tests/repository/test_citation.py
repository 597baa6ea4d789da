"""The book can be cited, and says what the package says of itself."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CITATION = ROOT / "CITATION.cff"


def test_citation_file_is_valid() -> None:
    cffconvert = Path(sys.executable).with_name("cffconvert")
    done = subprocess.run(
        [cffconvert, "--validate", "-i", CITATION],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_citation_changelog_and_package_name_one_version() -> None:
    said = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(r"^## \[?([\d.]+)\]?, (\d{4}-\d\d-\d\d)$", changelog, re.M)
    assert released.groups() == (said["version"], str(said["date-released"]))
    assert package["project"]["version"] == said["version"]


def test_printed_volume_is_cited() -> None:
    said = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    (volume,) = [entry for entry in said["references"] if entry["type"] == "book"]
    assert volume["isbn"] == "9780367332747"
