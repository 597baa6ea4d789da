"""load() is the only door to the data: right types, and errors that help."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from creative_clusters.data import (
    DataError,
    credit,
    data_folder,
    describe,
    fact,
    load,
    tables,
)

ROOT = Path(__file__).parents[2]

FIELDS = {
    "place": "string",
    "share": "number",
    "jobs": "integer",
    "planned": "boolean",
    "year": "integer",
}
TEXT = "place,share,jobs,planned,year\nSalford,12.5,4600,true,2016\nNA,,,,2017\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one small table."""
    monkeypatch.setenv("CREATIVE_CLUSTERS_DATA", str(tmp_path))
    write(tmp_path, TEXT.encode())
    return tmp_path


def write(folder: Path, content: bytes, digest: str | None = None) -> None:
    """Write the table and its passport."""
    (folder / "small.csv").write_bytes(content)
    fields = [{"name": name, "type": kind} for name, kind in FIELDS.items()]
    resource = {
        "name": "small",
        "path": "small.csv",
        "title": "A small table",
        "schema": {"fields": fields, "primaryKey": ["place"]},
        "hash": digest or f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    package = json.dumps({"resources": [resource]})
    (folder / "datapackage.json").write_text(package, encoding="utf-8")


def test_columns_have_the_types_of_the_passport(folder: Path) -> None:
    table = load("small")
    assert table.dtypes.map(str).to_dict() == {
        "place": "str",
        "share": "float64",
        "jobs": "Int64",
        "planned": "boolean",
        "year": "int64",
    }


def test_whole_columns_have_plain_types(folder: Path) -> None:
    write(folder, TEXT.splitlines(keepends=True)[0].encode() + b"A,1,2,false,2016\n")
    kinds = load("small").dtypes.map(str)
    assert list(kinds) == ["str", "float64", "int64", "bool", "int64"]


def test_empty_cells_stay_missing_and_words_stay_words(folder: Path) -> None:
    second = load("small").loc[1]
    assert second["place"] == "NA"  # a name, not a gap
    assert second[["share", "jobs", "planned"]].isna().all()


def test_rows_keep_their_order_and_the_title_goes_with_them(folder: Path) -> None:
    table = load("small")
    assert list(table["year"]) == [2016, 2017]
    assert table.attrs["title"] == "A small table"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("smalls", "There is no table 'smalls'. Did you mean small?"),
        ("x", "There is no table 'x'. See tables()."),
    ],
)
def test_unknown_table_is_named_with_a_suggestion(
    folder: Path, asked: str, answer: str
) -> None:
    for ask in (load, describe):
        with pytest.raises(DataError, match=re.escape(answer)):
            ask(asked)


HEAD = b"place,share,jobs,planned,year\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + b"Salford\xe9,1,1,true,2016\n", ["line 2", "UTF-8"]),
        (HEAD + b"A,1,1,true,2016\n\xff,1,1,true,2016\n", ["line 3", "UTF-8"]),
        (b"place,share\nA,1\n", ["columns", "'share'", "'year'"]),
        (HEAD.replace(b"share", b"part") + b"A,1,1,true,2016\n", ["'part'"]),
        (HEAD + b"A,1,1,true,2016\nB,12%,1,true,2016\n", ["row 3", "'share'", "'12%'"]),
        (HEAD + b'A,"1,200",1,true,2016\n', ["row 2", "'share'", "'1,200'", "number"]),
        (HEAD + b"A,1,4.5,true,2016\n", ["row 2", "'jobs'", "'4.5'", "integer"]),
        (HEAD + b"A,1,1,yes,2016\n", ["row 2", "'planned'", "'yes'", "boolean"]),
        (HEAD + b"A,1,1,true,2016,7\n", ["row 2"]),
        (HEAD + b"A,1,1,true,2016\nB,1,1,true,2016,7\n", ["row 3"]),
        (HEAD + b"A,1,1,true\n", ["row 2"]),
        (b"", ["columns"]),
        (HEAD + b"A,inf,1,true,2016\n", ["row 2", "'share'", "'inf'"]),
        (HEAD + b"A, ,1,true,2016\n", ["row 2", "'share'", "' '"]),
    ],
    ids=[
        "latin 1",
        "latin 1 further down",
        "columns missing",
        "column renamed",
        "percent sign",
        "thousands mark",
        "broken number of jobs",
        "yes for true",
        "cell too many",
        "cell too many further down",
        "cell too few",
        "nothing at all",
        "infinite",
        "blank for empty",
    ],
)
def test_wrong_table_is_refused_by_place_and_value(
    folder: Path, content: bytes, words: list[str]
) -> None:
    write(folder, content)
    with pytest.raises(DataError) as error:
        load("small")
    for word in ["Table 'small'", *words]:
        assert word in str(error.value)


def test_changed_file_is_refused_with_the_remedy(folder: Path) -> None:
    with (folder / "small.csv").open("a") as file:
        file.write("Bury,1,1,true,2016\n")
    with pytest.raises(DataError, match=r"Table 'small': small\.csv has changed") as e:
        load("small")
    assert "make seal" in str(e.value)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "small.csv").unlink()
    with pytest.raises(DataError, match=r"Table 'small': .* small\.csv is missing"):
        load("small")


def test_wrong_data_folder_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREATIVE_CLUSTERS_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="nowhere") as error:
        load("small")
    assert "CREATIVE_CLUSTERS_DATA" in str(error.value)


def test_data_folder_is_found_from_any_folder_of_the_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CREATIVE_CLUSTERS_DATA", raising=False)
    monkeypatch.chdir(ROOT / "book" / "_ext")
    assert data_folder() == ROOT / "data"


def test_copy_of_the_book_reads_its_own_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREATIVE_CLUSTERS_DATA", raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "pages").mkdir()
    write(tmp_path / "data", TEXT.encode())
    monkeypatch.chdir(tmp_path / "pages")
    assert tables() == ["small"]


def test_data_beside_the_package_are_the_last_resort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREATIVE_CLUSTERS_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert (data_folder() / "datapackage.json").is_file()


QUOTED = "id,value,source_id\na,15000,s1\nb,0.33,s2\nc,,s3\nd,14.5,\n"


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of quoted figures."""
    kinds = {"id": "string", "value": "number", "source_id": "string"}
    monkeypatch.setitem(globals(), "FIELDS", kinds)
    monkeypatch.setenv("CREATIVE_CLUSTERS_DATA", str(tmp_path))
    write(tmp_path, QUOTED.encode())
    text = (tmp_path / "datapackage.json").read_text(encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(text.replace('["place"]', '["id"]'))


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("small.a", ("15,000", "s1")),
        ("small.b", ("0.33", "s2")),
        ("small.a:.1f", ("15000.0", "s1")),
    ],
)
def test_fact_gives_value_and_source(
    figures: None, address: str, answer: tuple[str, str]
) -> None:
    assert fact(address) == answer


@pytest.mark.parametrize(
    "address", ["small.x", "small", "nowhere.a", "small.c", "small.d", "small.a:zz"]
)
def test_fact_refuses_what_has_no_row_value_or_source(
    figures: None, address: str
) -> None:
    with pytest.raises(ValueError, match=r"'small'|'nowhere'|format code"):
        fact(address)


def test_credit_says_each_statement_once(folder: Path) -> None:
    said = {
        "jobs": "Open to all. Source: Office, jobs; re-tabulated.",
        "firms": "Open to all. Source: Office, firms v3.0; re-tabulated.",
        "press": "Press, each cited; compiled by us.",
        "own": "Compiled by us.",
    }
    package = {"resources": [{"name": n, "attribution": a} for n, a in said.items()]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert credit(["press"]) == credit(["own", "press"]) == said["press"]
    assert credit(["jobs", "press", "firms", "jobs"]) == (
        "Open to all. Office, jobs; Office, firms v3.0; re-tabulated. "
        "Press, each cited; compiled by us."
    )
    with pytest.raises(DataError, match="no table 'none'"):
        credit(["none"])


def test_each_table_of_the_book_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREATIVE_CLUSTERS_DATA", raising=False)
    kinds: dict[str, set[Any]] = {
        "string": {"str"},
        "number": {"float64"},
        "integer": {"int64", "Int64"},
        "boolean": {"bool", "boolean"},
    }
    assert tables()
    for name in tables():
        table = load(name)
        assert isinstance(table, pd.DataFrame)
        for field in describe(name)["schema"]["fields"]:
            assert str(table[field["name"]].dtype) in kinds[field["type"]]
