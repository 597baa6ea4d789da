"""Load a table of the book by name, checked against its passport.

Every table is a CSV file with a passport in ``data/datapackage.json`` (a Frictionless
Data Package): what a row is, the type and unit of each column, sources, licence,
checksum, known gaps. :func:`load` is the only door: it verifies the checksum, gives
each column its declared type and notes that the table was used, so that the page can
list its sources without anyone typing them.
"""

import csv
import difflib
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable
from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from creative_clusters import record

__all__ = [
    "DataError",
    "credit",
    "data_folder",
    "describe",
    "fact",
    "formatted",
    "load",
    "tables",
]

DESCRIPTOR = "datapackage.json"
SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z])")


class DataError(ValueError):
    """A table is unknown, missing, changed or not what its passport says."""


def data_folder() -> Path:
    """Find the folder that holds the Data Package.

    Returns
    -------
    Path
        The folder named by the environment variable ``CREATIVE_CLUSTERS_DATA``; else
        the ``data`` folder of the nearest parent of the working folder that has one
        (a student copy, a checkout); else the one beside this package.

    Raises
    ------
    DataError
        If none of these holds a ``datapackage.json``.
    """
    if chosen := os.environ.get("CREATIVE_CLUSTERS_DATA"):
        candidates = [Path(chosen)]
    else:
        here = Path.cwd()
        candidates = [parent / "data" for parent in (here, *here.parents)]
        candidates.append(Path(__file__).parents[1] / "data")
    for folder in candidates:
        if (folder / DESCRIPTOR).is_file():
            return folder
    raise DataError(
        f"No {DESCRIPTOR} in {candidates[0]} or beside the package. Set "
        "CREATIVE_CLUSTERS_DATA to the book's data folder, or work inside the book."
    )


def _package() -> dict[str, Any]:
    path = data_folder() / DESCRIPTOR
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> dict[str, Any]:
    """Read a descriptor, again only once its file has changed."""
    package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return package


def tables() -> list[str]:
    """Names of all tables, in the order of the descriptor."""
    return [resource["name"] for resource in _package()["resources"]]


def describe(name: str) -> dict[str, Any]:
    """Return the passport of one table.

    Parameters
    ----------
    name : str
        Name of the table, for example ``"uk_area_gva"``.

    Returns
    -------
    dict
        The table's Frictionless resource: ``title``, ``description``, ``schema``,
        ``sources``, ``licenses``, ``attribution``, ``hash``, ``knownGaps`` and so on.

    Raises
    ------
    DataError
        If there is no table of that name.
    """
    resources = {resource["name"]: resource for resource in _package()["resources"]}
    if name not in resources:
        close = difflib.get_close_matches(name, resources, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See tables()."
        raise DataError(f"There is no table {name!r}. {hint}")
    passport: dict[str, Any] = deepcopy(resources[name])
    return passport


def credit(names: Iterable[str]) -> str:
    """Join what the sources of some tables ask to be said, each statement once.

    Parameters
    ----------
    names : iterable of str
        Names of tables.

    Returns
    -------
    str
        Whole sentences. Sources with the same terms (what follows the first
        semicolon of a sentence) stand in one.

    Raises
    ------
    DataError
        If there is no table of one of the names.
    """
    sources: dict[str, list[str]] = {}
    for name in names:
        for sentence in SENTENCE_END.split(describe(name)["attribution"]):
            said = sentence.removeprefix("Source: ").removesuffix(".")
            source, _, terms = said.partition("; ")
            known = sources.setdefault(terms or source, [])
            if source not in known:
                known.append(source)
    said_all = [
        "; ".join(known if terms in known else [*known, terms]) + "."
        for terms, known in sources.items()
    ]
    return " ".join(
        one
        for one in said_all
        if not any(
            one is not other and one.lower() in other.lower() for other in said_all
        )
    )


def load(name: str) -> pd.DataFrame:
    """Load one table, checked and typed.

    Parameters
    ----------
    name : str
        Name of the table, for example ``"uk_area_gva"``.

    Returns
    -------
    DataFrame
        One row and column for each of the file's, in its order. Types come from the
        passport; an empty cell is a missing value. ``attrs["title"]`` holds the
        title, which tables on a page take as their caption.

    Raises
    ------
    DataError
        If the name is unknown; the file is missing, is not UTF-8, or has changed
        since it was described; or a column or a value is not what the passport says.
    """
    passport = describe(name)
    path = data_folder() / passport["path"]
    if not path.is_file():
        raise DataError(
            f"Table {name!r}: the file {passport['path']} is missing. "
            "Restore it from the book's repository."
        )
    content = path.read_bytes()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != passport["hash"]:
        raise DataError(
            f"Table {name!r}: {passport['path']} has changed since it was described. "
            "If the change is meant, run `make seal` and note it in the changelog; "
            "if not, restore the file from the book's repository."
        )
    frame = _typed(name, passport, content)
    frame.attrs["title"] = passport["title"]
    record.table_used(name)
    return frame


def _typed(name: str, passport: dict[str, Any], content: bytes) -> pd.DataFrame:
    """Read CSV text and give every column the type that its passport declares."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"Table {name!r}: line {row} of {passport['path']} is not UTF-8. "
            "Save the file as UTF-8."
        ) from error
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    fields = {field["name"]: field["type"] for field in passport["schema"]["fields"]}
    if header != list(fields):
        raise DataError(
            f"Table {name!r}: the columns of {passport['path']} are {header}, "
            f"the passport says {list(fields)}. Make them agree."
        )
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise DataError(
                f"Table {name!r}: row {number} has {len(cells)} cells, the header "
                f"{len(header)}. Put cells that hold a comma in quotation marks."
            )
    raw = pd.DataFrame(rows, columns=header, dtype="str").replace("", pd.NA)
    return pd.DataFrame(
        {c: _column(name, raw[c], kind) for c, kind in fields.items()}, index=raw.index
    )


def _column(name: str, values: "pd.Series[str]", kind: str) -> "pd.Series[Any]":
    """Convert one column, or say which row and value stand in the way."""
    typed: pd.Series[Any]
    if kind == "string":
        return values.astype("str")
    if kind == "boolean":
        typed = values.map({"true": True, "false": False})
    else:
        typed = pd.to_numeric(values, errors="coerce")
        typed = typed.where(typed.abs() != float("inf"))
    if kind == "integer":
        typed = typed.where(typed.mod(1).eq(0))
    wrong = values[typed.isna() & values.notna()]
    if not wrong.empty:
        raise DataError(
            f"Table {name!r}: row {int(str(wrong.index[0])) + 2}, column "
            f"{values.name!r}: {wrong.iloc[0]!r} is not of type {kind}. "
            "Correct the cell or the passport."
        )
    whole = {"integer": "int64", "number": "float64", "boolean": "bool"}
    holed = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
    kinds: Any = holed if typed.isna().any() else whole
    return typed.astype(kinds[kind])


def formatted(value: float, spec: str = "") -> str:
    """A published value as prose writes it: 15,000, but 0.33 and 14.34 as they are."""
    if spec:
        return format(value, spec)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"


@cache
def _by_key(table: str, changed: str) -> pd.DataFrame:
    """A table by its primary key; read again only once it has been sealed anew."""
    return load(table).set_index(describe(table)["schema"]["primaryKey"])


def fact(address: str) -> tuple[str, str]:
    """Look up one published value to quote it in prose.

    Parameters
    ----------
    address : str
        ``"table.row"`` or ``"table.row:format"``: the table's name, the value of its
        primary key, and a format if the usual one will not do.

    Returns
    -------
    tuple of str
        The value as prose writes it, and its ``source_id``.

    Raises
    ------
    DataError
        If there is no such table or row, or the row has no value or no source.
    """
    place, _, spec = address.partition(":")
    table, _, row_id = place.partition(".")
    try:
        row: Any = _by_key(table, describe(table)["hash"]).loc[row_id]
        value, source_id = row["value"], row["source_id"]
    except (KeyError, TypeError):
        value, source_id = None, None
    if pd.isna(value) or pd.isna(source_id):
        raise DataError(
            f"Table {table!r} has no row {row_id!r} with a value and a source."
        )
    return formatted(value, spec), source_id
