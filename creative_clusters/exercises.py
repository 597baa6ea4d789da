"""Exercises that check themselves: say what is wrong without giving the answer away.

A page computes the right answer from its data and registers it with :func:`expect`;
a reader's answer goes to :func:`check`.
"""

import math
from collections.abc import Collection
from typing import NamedTuple

from typing_extensions import TypeIs

__all__ = ["check", "expect"]

Answer = float | str | Collection[str]


class _Expected(NamedTuple):
    answer: Answer
    within: float


_expected: dict[str, _Expected] = {}  # by label, for the page that is running


def expect(label: str, answer: Answer, within: float = 0.0) -> None:
    """Register the right answer of an exercise, computed by the page itself.

    Parameters
    ----------
    label : str
        The exercise's label on the page.
    answer : float, str or collection of str
        A number, a name, or several names in any order.
    within : float
        How far a number may lie off and still be right, in the number's own unit.

    Raises
    ------
    ValueError
        If a number is not finite, or ``within`` is negative.
    """
    if _is_number(answer) and not (math.isfinite(answer) and within >= 0):
        raise ValueError(f"expect({label!r}): give a finite number and within >= 0.")
    _expected[label] = _Expected(answer, within)


def check(label: str, answer: Answer | None) -> None:
    """Print whether an answer is right or, if it is not, in which way it is wrong.

    Parameters
    ----------
    label : str
        The exercise's label on the page.
    answer : float, str, collection of str or None
        The reader's answer; None for "not answered yet".

    Raises
    ------
    KeyError
        If the page has registered no such exercise: run its cells above first.
    """
    if label not in _expected:
        known = ", ".join(sorted(_expected)) or "none"
        raise KeyError(
            f"No exercise {label!r} is waiting for an answer (known: {known}). "
            "Run the cells above it first."
        )
    fault = _fault(answer, *_expected[label])
    print(f"Not yet. {fault}" if fault else "Right.")


def _fault(answer: Answer | None, right: Answer, within: float) -> str:
    """What is wrong with an answer; nothing if it is right."""
    if answer is None:
        return "There is no answer here so far."
    if _is_number(right):
        if not _is_number(answer):
            return "A number is asked for."
        return _number_fault(float(answer), float(right), within)
    if _is_number(answer):
        return "A name is asked for, in quotation marks, or a list of names."
    if isinstance(right, str):
        if not isinstance(answer, str):
            return "A name is asked for, in quotation marks."
        same = answer.strip().casefold() == right.casefold()
        return "" if same else "It is another one."
    if isinstance(answer, str):
        return "Several names are asked for, as a list."
    asked = {name.casefold() for name in right}
    given = {str(name).strip().casefold() for name in answer}
    parts = []
    if given - asked:
        parts.append(f"{len(given - asked)} of yours should not be there.")
    if asked - given:
        parts.append(f"{len(asked - given)} still to be found.")
    return " ".join(parts)


def _number_fault(answer: float, right: float, within: float) -> str:
    if not math.isfinite(answer):
        return "That is not a number one can compare: something was divided by nought?"
    if abs(answer - right) <= within:
        return ""
    for factor, unit in ((100, "per cent"), (1000, "thousands")):
        for scaled in (answer * factor, answer / factor):
            if abs(scaled - right) <= within:
                return f"The digits are right. Look at the unit: {unit} or not?"
    if right and abs(answer + right) <= within:
        return "The size is right, the sign is not."
    return "It is too large." if answer > right else "It is too small."


def _is_number(value: object) -> TypeIs[float]:
    return hasattr(value, "__float__") and not isinstance(value, str)
