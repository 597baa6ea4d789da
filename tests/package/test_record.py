"""What a page hands on: plain numbers, findings that say how sure they are."""

import json
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from creative_clusters.record import (
    CASE,
    FINDINGS,
    LESSONS,
    Evidence,
    Finding,
    case,
    findings,
    glue,
)

GOOD = Finding("size", "Salford gained 5", "interval 4 to 6", "supported")

CELLS = [
    "from creative_clusters.data import load\n"
    "from creative_clusters.record import Finding, findings, glue\n"
    "import numpy as np",
    "glue(share=12.5, jobs=4600, verdict='it rose', points=np.float64(0.25))",
    "load('sources')\nload('sources')\nNone",
    "load('sources')\nNone",
    "findings('It <worked> & more.', [Finding('size', 'Salford gained < 5', "
    "'4 to 6 & no more', 'supported')])",
]


@pytest.fixture(scope="module")
def outputs() -> list[list[Any]]:
    """What the cells hand on when a real kernel runs them."""
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def scraps(outputs: list[Any]) -> dict[str, Any]:
    """Glued values by name."""
    kind = "application/papermill.record/text/plain"
    return {o.metadata["scrapbook"]["name"]: o.data[kind] for o in outputs}


def test_glue_hands_on_plain_values_under_their_names(outputs: list[Any]) -> None:
    assert scraps(outputs[1]) == {
        "share": "12.5",
        "jobs": "4600",
        "verdict": "'it rose'",
        "points": "0.25",
    }


def test_used_table_is_noted_once(outputs: list[Any]) -> None:
    assert scraps(outputs[2]) == {"table:sources": "'sources'"}
    assert len(outputs[2]) + len(outputs[3]) == 1


def test_findings_are_handed_on_with_their_verdict(outputs: list[Any]) -> None:
    [output] = outputs[4]
    said = {
        "verdict": "It <worked> & more.",
        "findings": [
            {
                "key": "size",
                "sentence": "Salford gained < 5",
                "interval": "4 to 6 & no more",
                "state": "supported",
            }
        ],
    }
    assert output.data[FINDINGS] == said
    assert json.loads(output.data["text/plain"]) == said
    assert output.metadata["scrapbook"]["name"] == "findings"


def test_findings_in_a_notebook_are_safe_html(outputs: list[Any]) -> None:
    shown = outputs[4][0].data["text/html"]
    assert "Salford gained &lt; 5" in shown
    assert "4 to 6 &amp; no more" in shown
    assert "Supported." in shown


@pytest.mark.parametrize(
    "value", [True, None, 1j, [1], np.int64(3), np.bool_(True), np.array(2.5)]
)
def test_glue_refuses_what_is_no_plain_value_and_names_it(value: Any) -> None:
    with pytest.raises(TypeError, match=r"glue\(jobs=\.\.\.\)"):
        glue(jobs=value)


@pytest.mark.parametrize(
    ("verdict", "rows", "words"),
    [
        ("", [GOOD], "verdict"),
        ("  ", [GOOD], "verdict"),
        ("Yes.", [], "at least one finding"),
        ("Yes.", [GOOD, GOOD], "'size'"),
        ("Yes.", [GOOD._replace(sentence=" ")], "'size'"),
        ("Yes.", [GOOD._replace(interval="")], "'size'"),
        ("Yes.", [GOOD._replace(state="proven")], "'proven'"),
        ("Yes.", [GOOD._replace(state="")], "'size'"),
        ("Yes.", [GOOD._replace(sentence="It rose.")], "full stop"),
    ],
)
def test_half_findings_are_refused_by_name(
    verdict: str, rows: list[Finding], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        findings(verdict, rows)


@pytest.mark.parametrize(
    "state", ["supported", "not distinguishable from chance", "too little data"]
)
def test_the_three_states_are_accepted(
    state: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    findings("Yes.", iter([GOOD._replace(state=state)]))
    glue(share=1.5)
    # Outside a kernel both check and then say nothing.
    assert capsys.readouterr() == ("", "")


def six(**changes: Any) -> list[Evidence]:
    """One row a lesson, all but one of them empty."""
    rows = {
        lesson: Evidence(lesson, "none found", "A list of ties.") for lesson in LESSONS
    }
    rows["place"] = Evidence("place", "for", "It lay by the water.", "a-figure")
    return list((rows | changes).values())


def test_case_is_handed_on_in_the_order_of_the_lessons() -> None:
    code = (
        "from creative_clusters.record import Evidence, LESSONS, case\n"
        "rows = [Evidence(l, 'none found', 'A <list>.') for l in LESSONS]\n"
        "case(places='Belgium; France', kind='built quarter', actors='city; firms',"
        " evidence=rows[::-1])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, kernel_name="python3").execute()
    [output] = notebook.cells[0].outputs
    said = output.data[CASE]
    assert said["places"] == ["Belgium", "France"]
    assert said["actors"] == ["city", "firms"]
    assert [row["lesson"] for row in said["evidence"]] == list(LESSONS)
    assert "A &lt;list&gt;." in output.data["text/html"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (six()[1:], "each lesson once"),
        ([*six(), six()[0]], "each lesson once"),
        (six(place=Evidence("place", "perhaps", "It did.", "a")), "none of the four"),
        (six(place=Evidence("place", "for", " ", "a")), "say what was seen"),
        (six(place=Evidence("place", "for", "It did.")), "name the figure"),
        (six(place=Evidence("place", "none found", "It.", "a")), "nothing where none"),
    ],
)
def test_half_a_case_is_refused(rows: list[Evidence], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        case(places="Belgium", kind="programme", actors="city", evidence=rows)


def test_case_says_where_what_and_who() -> None:
    with pytest.raises(ValueError, match="places, a kind and actors"):
        case(places="", kind="programme", actors="city", evidence=six())
