"""Exercises say what is wrong, and never what is right."""

import numpy as np
import pytest

from creative_clusters.exercises import check, expect


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (12.4, "Right."),
        (np.float64(12.44), "Right."),
        (0.124, "Not yet. The digits are right. Look at the unit: per cent or not?"),
        (12400, "Not yet. The digits are right. Look at the unit: thousands or not?"),
        (-12.4, "Not yet. The size is right, the sign is not."),
        (13, "Not yet. It is too large."),
        (11, "Not yet. It is too small."),
        (float("nan"), "Not yet. That is not a number one can compare: something was "),
        ("Salford", "Not yet. A number is asked for."),
        (None, "Not yet. There is no answer here so far."),
    ],
)
def test_number(capsys, answer, said) -> None:
    expect("share", 12.4, within=0.05)
    check("share", answer)
    out = capsys.readouterr().out
    assert out.startswith(said)
    assert "12.4" not in out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Salford", "Right."),
        (" salford ", "Right."),
        ("Leeds", "Not yet. It is another one."),
        (3, "Not yet. A name is asked for, in quotation marks, or a list of names."),
        (["Salford"], "Not yet. A name is asked for, in quotation marks."),
    ],
)
def test_name(capsys, answer, said) -> None:
    expect("place", "Salford")
    check("place", answer)
    assert capsys.readouterr().out.strip() == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (["Bury", "Leeds"], "Right."),
        ({"leeds", "bury"}, "Right."),
        (["Leeds"], "Not yet. 1 still to be found."),
        (["Leeds", "Bury", "York"], "Not yet. 1 of yours should not be there."),
        ("Leeds", "Not yet. Several names are asked for, as a list."),
    ],
)
def test_several_names(capsys, answer, said) -> None:
    expect("places", ["Leeds", "Bury"])
    check("places", answer)
    assert capsys.readouterr().out.strip() == said


def test_unknown_exercise_says_what_to_do() -> None:
    with pytest.raises(KeyError, match="Run the cells above"):
        check("nowhere", 1)


@pytest.mark.parametrize(("answer", "within"), [(float("nan"), 0), (1.0, -1)])
def test_no_exercise_without_a_right_answer(answer, within) -> None:
    with pytest.raises(ValueError, match="finite"):
        expect("broken", answer, within)
