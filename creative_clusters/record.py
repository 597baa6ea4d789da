"""What a page hands on: numbers, findings, the tables it used.

Each fact that a page produces leaves the kernel as a typed output. The build, the
tests and other pages read these outputs; none of them retypes or recomputes one.
Outside a notebook kernel the functions do nothing, so that measures can be tested
and scripted without a page.
"""

import html
import json
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, get_args

from IPython.core.getipython import get_ipython
from IPython.display import display

__all__ = [
    "ANSWER",
    "CASE",
    "FIGURE",
    "FINDINGS",
    "LESSONS",
    "SWITCH",
    "Evidence",
    "Finding",
    "State",
    "case",
    "findings",
    "glue",
]

FIGURE = "application/vnd.creative-clusters.figure+json"
SWITCH = "application/vnd.creative-clusters.switch+json"
FINDINGS = "application/vnd.creative-clusters.findings+json"
CASE = "application/vnd.creative-clusters.case+json"
ANSWER = "application/vnd.creative-clusters.answer+json"
GLUE = "application/papermill.record/"

_noted: set[str] = set()  # tables this kernel has noted already

State = Literal["supported", "not distinguishable from chance", "too little data"]


# The six lessons by the names of their pages, in the order of the book.
LESSONS = {
    "no-one-size-fits-all": "No one-size-fits-all",
    "tensions": "Tensions explain",
    "governance": "Governance makes collaboration",
    "place": "Place matters",
    "entrepreneurship": "Clusters and entrepreneurs",
    "no-guarantee": "No guarantee",
}
Seen = Literal["for", "against", "for and against", "none found"]


class Evidence(NamedTuple):
    """What a case says of one lesson.

    Parameters
    ----------
    lesson : str
        The lesson's name, a key of ``LESSONS``.
    seen : str
        Evidence for the lesson, against it, both, or none found.
    sentence : str
        What was seen, in plain words; for "none found", what would be needed.
    where : str
        Name of a figure of the page, or ``table.row`` with the row's primary key. Empty
        if none was found.
    """

    lesson: str
    seen: Seen
    sentence: str
    where: str = ""


class Finding(NamedTuple):
    """One sentence that a page stands for.

    Parameters
    ----------
    key : str
        Short name by which tests and other pages ask for it.
    sentence : str
        The finding in plain words, with its number and without a full stop.
    interval : str
        The interval, band or rank that says how sure we are, in words.
    state : State
        What the test of the finding came to.
    """

    key: str
    sentence: str
    interval: str
    state: State


def _show(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    if get_ipython() is not None:
        display(data, raw=True, metadata=metadata or {})


def _glued(name: str, data: dict[str, Any], prefix: str = GLUE) -> None:
    scrap = {"scrapbook": {"name": name, "mime_prefix": prefix}}
    _show({prefix + mime: value for mime, value in data.items()}, scrap)


def glue(**values: float | int | str) -> None:
    """Hand numbers or words to the page's prose.

    Parameters
    ----------
    **values : float, int or str
        A name and what stands for it. In the text, ``{glue:text}`name:.1f``` puts it
        in, formatted.

    Raises
    ------
    TypeError
        If a value is not a plain number or text: round it or take ``float()`` first,
        so that what is glued is what is read.
    """
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, float | int | str):
            raise TypeError(
                f"glue({name}=...) got {type(value).__name__}; give a float, an int "
                "or a str."
            )
        plain = value if isinstance(value, str) else _plain(value)
        _glued(name, {"text/plain": repr(plain)})


def _plain(value: float | int) -> float | int:
    """Strip NumPy's own number types, whose repr carries their name."""
    return int(value) if isinstance(value, int) else float(value)


def table_used(name: str) -> None:
    """Note that the page used a table of the book; once is enough."""
    if name not in _noted:
        _noted.add(name)
        _glued(f"table:{name}", {"text/plain": repr(name)})


def answer_expected(label: str, answer: float | str | list[str], within: float) -> None:
    """Hand on the right answer of an exercise, to copies of the page and to markers."""
    _show({ANSWER: {"label": label, "answer": answer, "within": within}})


def findings(verdict: str, rows: Iterable[Finding]) -> None:
    """End a page: its verdict and its findings.

    Parameters
    ----------
    verdict : str
        One sentence that the landing page and the head of the page repeat.
    rows : iterable of Finding
        The findings in the order in which they are shown.

    Raises
    ------
    ValueError
        If there is no finding, a key stands twice, a text is empty, or a state is
        none of the three.
    """
    rows = list(rows)
    keys = [row.key for row in rows]
    if not verdict.strip() or not rows:
        raise ValueError("findings() needs a verdict and at least one finding.")
    if len(set(keys)) < len(keys):
        raise ValueError(f"findings(): a key stands twice in {keys}.")
    for row in rows:
        if row.state not in get_args(State):
            raise ValueError(
                f"Finding {row.key!r}: state {row.state!r} is none of {get_args(State)}"
            )
        if not row.sentence.strip() or not row.interval.strip():
            raise ValueError(f"Finding {row.key!r} needs a sentence and an interval.")
        if row.sentence.endswith("."):
            raise ValueError(f"Finding {row.key!r}: leave the full stop to the page.")
    said = {"verdict": verdict, "findings": [row._asdict() for row in rows]}
    lines = "".join(
        f"<li>{html.escape(f'{row.sentence} ({row.interval}).')} "
        f"<strong>{row.state.capitalize()}.</strong></li>"
        for row in rows
    )
    content = {FINDINGS: said, "text/html": f"<ul>{lines}</ul>"}
    content["text/plain"] = json.dumps(said)
    scrap = {"scrapbook": {"name": "findings", "mime_prefix": ""}}
    _show(content, scrap)


def case(*, places: str, kind: str, actors: str, evidence: Iterable[Evidence]) -> None:
    """Say what a case tells of each of the six lessons.

    Parameters
    ----------
    places : str
        Where: countries, parted by semicolons. Readers filter the cases by it.
    kind : str
        What was done, in a word or two: "built quarter", "tax relief".
    actors : str
        Who drove it, parted by semicolons: "city", "state", "firms".
    evidence : iterable of Evidence
        One for each lesson.

    Raises
    ------
    ValueError
        If a lesson is missing, unknown or stands twice, a text is empty, or evidence
        does not say where it stands.
    """
    rows = list(evidence)
    if sorted(row.lesson for row in rows) != sorted(LESSONS):
        told = [row.lesson for row in rows]
        raise ValueError(f"case(): each lesson once, {list(LESSONS)}; got {told}.")
    if not (places.strip() and kind.strip() and actors.strip()):
        raise ValueError("case() needs places, a kind and actors.")
    for row in rows:
        if row.seen not in get_args(Seen):
            raise ValueError(f"case(), {row.lesson}: {row.seen!r} is none of the four.")
        if not row.sentence.strip():
            raise ValueError(f"case(), {row.lesson}: say what was seen, or is needed.")
        if bool(row.where) == (row.seen == "none found"):
            raise ValueError(
                f"case(), {row.lesson}: name the figure or table row of the evidence, "
                "and nothing where none was found."
            )
    order = list(LESSONS)
    rows.sort(key=lambda row: order.index(row.lesson))
    said = {
        "places": [place.strip() for place in places.split(";")],
        "kind": kind,
        "actors": [actor.strip() for actor in actors.split(";")],
        "evidence": [row._asdict() for row in rows],
    }
    lines = "".join(
        f"<li>{html.escape(f'{LESSONS[row.lesson]}: {row.seen}. {row.sentence}')}</li>"
        for row in rows
    )
    scrap = {"scrapbook": {"name": "case", "mime_prefix": ""}}
    content = {CASE: said, "text/html": f"<ul>{lines}</ul>"}
    _show(content | {"text/plain": json.dumps(said)}, scrap)
