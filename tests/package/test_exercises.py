"""Exercises say what is wrong, and never what is right."""

import numpy as np
import pandas as pd
import pytest

from creative_clusters import exercises
from creative_clusters.exercises import (
    Expected,
    check,
    expect,
    fault,
    seal,
    unseal,
    wrong_kind,
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (12.4, "Right."),
        (np.float64(12.44), "Right."),
        (0.124, "Not yet. The digits are right. Look at the unit: per cent or not?"),
        (12400, "Not yet. The digits are right. Look at the unit: thousands or not?"),
        (-12.4, "Not yet. The size is right, the sign is not."),
        (13, "Not yet. It is too large.\n"),
        (11, "Not yet. It is too small.\n"),
        (12.55, "Not yet. It is too large, but not by much."),
        (12.3, "Not yet. It is too small, but not by much."),
        (87.6, "Not yet. This looks like the rest of a hundred."),
        (0.876, "Not yet. This looks like the rest of a hundred."),
        (112.4, "Not yet. A change is asked for."),
        (1.124, "Not yet. A change is asked for."),
        (1 / 12.4, "Not yet. It is upside down."),
        (float("nan"), "Not yet. That is not a number one can compare: something was "),
        ("Salford", "Not yet. A number is asked for.\n"),
        ("12.4", "Not yet. A number is asked for: take it out of its quotation marks."),
        (True, "Not yet. A number is asked for, not yes or no."),
        (pd.Series([12.4]), "Not yet. One number is asked for, and this is a list"),
        ([12.4, 3], "Not yet. One number is asked for, and this is a list"),
        ({1}.add, "Not yet. A number is asked for.\n"),
        (None, "Not yet. There is no answer here so far."),
        (..., "Not yet. There is no answer here so far."),
    ],
)
def test_number(capsys, answer, said) -> None:
    expect("share", 12.4, within=0.05)
    check("share", answer)
    out = capsys.readouterr().out
    assert out.startswith(said)
    assert "12.4" not in out
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Salford", "Right."),
        (" salford ", "Right."),
        ("Leeds", "Not yet. It is another one."),
        ("Sallford", "Not yet. Nearly. Write it as the table does, letter by letter."),
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


def test_near_one_a_number_is_not_upside_down() -> None:
    assert fault(1.06, 0.95, within=0.02) == "It is too large."


@pytest.mark.parametrize("answer", [12.4, "Salford", ["Bury", "Leeds"]])
def test_sealed_answers_open_again_and_cannot_be_read(answer) -> None:
    sealed = seal({"it": Expected(answer, 0.5)})
    assert unseal(sealed) == {"it": Expected(answer, 0.5)}
    for text in ("it", "12.4", "Salford", "Leeds"):
        assert text not in sealed or len(text) < 3


def test_damaged_seal_says_what_to_do() -> None:
    for text in ("", "!", seal({})[:8]):
        with pytest.raises(ValueError, match="Unpack the notebooks anew"):
            unseal(text)


def test_copy_without_the_computing_cells_checks_with_the_sealed_answers(
    capsys, monkeypatch, tmp_path
) -> None:
    path = tmp_path / "answers.sealed"
    path.write_text(seal({"sealed-one": Expected(3.0)}), encoding="ascii")
    monkeypatch.setattr(exercises, "SEALED", path)
    check("sealed-one", 3)
    check("sealed-one", 4)
    said = "Right.\nNot yet. It is too large.\n"
    assert capsys.readouterr().out == said
    with pytest.raises(KeyError, match="sealed-one"):
        check("nowhere", 1)


def test_kind_is_told_without_the_answer() -> None:
    assert wrong_kind(5, 0.0) == ""
    assert wrong_kind("Leeds", "") == ""
    assert wrong_kind(["Leeds"], []) == ""
    assert "number" in wrong_kind("Leeds", 0.0)
    assert "name" in wrong_kind(5, "")
    assert "list" in wrong_kind("Leeds", [])
