"""The evidence: whole, described, sourced, and without impossible values."""

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pytest

from creative_clusters.data import DataError, describe, load, tables

DATA = Path(__file__).parents[2] / "data"
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
NAMES = [resource["name"] for resource in PACKAGE["resources"]]
FIELDS = {
    resource["name"]: [field["name"] for field in resource["schema"]["fields"]]
    for resource in PACKAGE["resources"]
}
SOURCED = [name for name in NAMES if "source_id" in FIELDS[name] and name != "sources"]
OWN_WORDS = "glossary_translations"  # mostly ours: a row names a source if it has one
MOST_MEGABYTES = 8


def seal(folder: Path, record: Path = Path("no-build")) -> list[str]:
    """What `make seal` does, on a folder and a build of our choice."""
    spec = importlib.util.spec_from_file_location("seal", DATA / "seal.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.seal(folder, record)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data on which to do wrong things; load() reads it."""
    monkeypatch.setenv("CREATIVE_CLUSTERS_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture(scope="module")
def record(book: Path) -> dict[str, dict[str, Any]]:
    """What each page of the book handed on when it was built."""
    return json.loads((book.parent / "record.json").read_text(encoding="utf-8"))


def test_frictionless_accepts_the_package() -> None:
    report = frictionless.Package(DATA / "datapackage.json").validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])


def test_frictionless_follows_sources(copy: Path) -> None:
    table = copy / "cases" / "mediacity_events.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("bbc-ariel-2013", "nowhere", 1), encoding="utf-8")
    seal(copy)
    report = frictionless.Package(copy / "datapackage.json").validate()
    assert report.flatten(["type"]) == [["foreign-key"]]


def test_every_csv_is_a_described_table() -> None:
    on_disk = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv")}
    assert on_disk == {describe(name)["path"] for name in tables()}


@pytest.mark.parametrize("name", NAMES)
class TestPassport:
    """What a reader has to be told about a table."""

    def test_it_is_complete(self, name: str) -> None:
        passport = describe(name)
        keys = ["title", "oneRow", "description", "attribution", "period", "cannotTell"]
        empty = [key for key in keys if not passport.get(key, "").strip()]
        assert not empty
        assert pd.Timestamp(passport["seen"]) <= pd.Timestamp.now()
        assert passport["knownGaps"]
        assert all(gap.strip() for gap in passport["knownGaps"])
        assert isinstance(passport["usedBy"], list)

    def test_it_names_licence_and_sources_with_addresses(self, name: str) -> None:
        passport = describe(name)
        for licence in passport["licenses"]:
            assert licence["name"]
            assert licence["title"]
            assert licence["path"].startswith("https://")
        for source in passport["sources"]:
            assert source["title"]
            in_data = (DATA / source["path"]).is_file()
            assert source["path"].startswith("https://") or in_data
        assert passport["sources"]

    def test_it_describes_each_field(self, name: str) -> None:
        fields = describe(name)["schema"]["fields"]
        bare = [f["name"] for f in fields if not f.get("description", "").strip()]
        assert not bare
        measured = {"integer", "number"}
        without_unit = [
            f["name"]
            for f in fields
            if f["type"] in measured and not f.get("unit") and f["name"] != "year"
        ]
        # A table of many units has one a row.
        assert not without_unit or "unit" in [f["name"] for f in fields]

    def test_it_counts_what_is_there(self, name: str) -> None:
        passport = describe(name)
        content = (DATA / passport["path"]).read_bytes()
        assert passport["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert passport["bytes"] == len(content)
        assert passport["rows"] == len(load(name))


@pytest.mark.parametrize("name", NAMES)
def test_file_is_plain_text(name: str) -> None:
    content = (DATA / describe(name)["path"]).read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")
    assert b"\r" not in content
    text = content.decode("utf-8").replace("\n", "")
    assert text.isprintable(), [mark for mark in text if not mark.isprintable()]


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_told_apart_by_their_key(name: str) -> None:
    key = describe(name)["schema"]["primaryKey"]
    table = load(name)
    assert not table.duplicated(key).any()
    assert not table[key].isna().any(axis=None)


@pytest.mark.parametrize("name", NAMES)
def test_text_cells_have_no_stray_spaces(name: str) -> None:
    text = load(name).select_dtypes("str")
    stray = text.apply(lambda column: column.str.contains(r"^\s|\s$|\s\s", na=False))
    assert not text[stray.any(axis=1)].size


@pytest.mark.parametrize("name", SOURCED)
def test_each_row_says_where_it_was_read(name: str) -> None:
    table = load(name)
    if name == OWN_WORDS:
        table = table.dropna(subset="source_id").rename(columns={"note": "locator"})
        assert table["locator"].str.startswith("confirmed").all()
    assert set(table["source_id"]) <= set(load("sources")["source_id"])
    assert table[["source_id", "locator"]].notna().all(axis=None)


def test_each_source_is_used(record: dict[str, dict[str, Any]]) -> None:
    in_rows = {
        source for name in SOURCED for source in load(name)["source_id"].dropna()
    }
    on_pages = {
        source for known in record.values() for source in known.get("cited", [])
    }
    of_tables = {source["path"] for n in NAMES for source in describe(n)["sources"]}
    sources = load("sources").set_index("source_id")["url"]
    unused = sources.drop(list(in_rows | on_pages)).loc[
        lambda url: ~url.isin(of_tables)
    ]
    assert unused.empty, list(unused.index)


def test_translated_terms_are_in_the_glossary_and_in_four_languages() -> None:
    glossary = DATA.parent / "book" / "reference" / "glossary.md"
    entries = glossary.read_text(encoding="utf-8").partition(
        ":::{glossary}\n:sorted:\n"
    )[2]
    lines = entries.partition("\n:::")[0].splitlines()
    terms = {line for line in lines if line and not line.startswith(" ")}
    words = load("glossary_translations")
    by_term = words.groupby("term")["language"].agg(set)
    assert set(by_term.index) <= terms
    assert (by_term == {"nl", "fr", "de", "pl"}).all()


def test_sources_have_addresses_and_years_that_can_be() -> None:
    sources = load("sources")
    assert sources["url"].str.fullmatch(r"https?://\S+\.\S+").all()
    assert not sources.duplicated(["url", "title"]).any()
    years = pd.to_numeric(sources["year"].dropna())
    assert years.between(1980, pd.Timestamp(describe("sources")["seen"]).year).all()


@pytest.mark.parametrize("name", NAMES)
def test_passport_names_the_pages_that_use_the_table(
    name: str, record: dict[str, dict[str, Any]]
) -> None:
    using = [page for page, known in record.items() if name in known.get("tables", [])]
    assert sorted(describe(name)["usedBy"]) == sorted(using)


@pytest.mark.parametrize("name", [name for name in NAMES if "unit" in FIELDS[name]])
def test_each_row_has_a_unit(name: str) -> None:
    table = load(name)
    assert table["unit"].notna().all()


def test_data_are_light_enough_to_clone_and_to_carry() -> None:
    size = sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file())
    assert size < MOST_MEGABYTES * 1e6


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_byte_is_noticed(name: str, copy: Path) -> None:
    table = copy / describe(name)["path"]
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    with pytest.raises(DataError, match=f"Table {name!r}: .* has changed"):
        load(name)


def test_seal_names_what_changed_and_is_content_the_second_time(copy: Path) -> None:
    assert seal(copy) == []
    table = copy / "sources.csv"
    last = table.read_text(encoding="utf-8").splitlines(keepends=True)[-1]
    with table.open("a", encoding="utf-8") as file:
        file.write(last.replace("wikipedia", "another", 1))
    assert seal(copy) == ["sources"]
    assert describe("sources")["rows"] == len(load("sources"))
    assert seal(copy) == []


def test_seal_notes_which_pages_use_a_table(copy: Path, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text(json.dumps({"a/page": {"tables": ["sources"]}, "b/page": {}}))
    assert "sources" in seal(copy, record)
    assert describe("sources")["usedBy"] == ["a/page"]
    assert describe("places")["usedBy"] == []


def test_seal_leaves_the_descriptor_as_it_is_written() -> None:
    text = json.dumps(PACKAGE, indent=2, ensure_ascii=False) + "\n"
    assert text == (DATA / "datapackage.json").read_text(encoding="utf-8")
