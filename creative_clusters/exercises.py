"""Exercises that check themselves: say what is wrong without giving the answer away.

A page computes the right answer from its data and registers it with :func:`expect`;
a reader's answer goes to :func:`check`. Copies for students come without the cells
that compute right answers: there :func:`check` reads them from a sealed file.
"""

import base64
import binascii
import difflib
import json
import math
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from types import EllipsisType
from typing import NamedTuple

from typing_extensions import TypeIs

from creative_clusters import record

__all__ = ["Expected", "check", "expect", "fault", "seal", "unseal", "wrong_kind"]

SEALED = Path(__file__).with_name("answers.sealed")  # in copies for students alone

Answer = float | str | Collection[str]

NEAR = 4  # times the tolerance: a wrong row or an early rounding, not another method
OTHER = 1.5  # how many times a number must be its inverse to be told from a near miss
ALIKE = 0.8  # of two spellings, by difflib's ratio


class Expected(NamedTuple):
    """A right answer and how far a number may lie off it."""

    answer: Answer
    within: float = 0.0


_expected: dict[str, Expected] = {}  # by label, for the page that is running


def expect(label: str, answer: Answer, within: float = 0.0) -> None:
    """Register the right answer of an exercise, computed by the page itself.

    It leaves the kernel as an output that no reader sees; copies for students and
    assignments are made with it.

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
    _expected[label] = Expected(answer, within)
    record.answer_expected(label, _plain(answer), float(within))


def check(label: str, answer: Answer | EllipsisType | None) -> None:
    """Print whether an answer is right or, if it is not, in which way it is wrong.

    Parameters
    ----------
    label : str
        The exercise's label on the page.
    answer : float, str, collection of str, Ellipsis or None
        The reader's answer; ``None`` or ``...`` for "not answered yet".

    Raises
    ------
    KeyError
        If there is no such exercise, or the page has not registered it yet.
    """
    waiting = _sealed() | _expected
    if label not in waiting:
        known = ", ".join(sorted(waiting)) or "none"
        raise KeyError(
            f"No exercise {label!r} is waiting for an answer (known: {known}). "
            "Run the cells above it first."
        )
    found = fault(answer, *waiting[label])
    print(f"Not yet. {found}" if found else "Right.")


def fault(
    answer: Answer | EllipsisType | None, right: Answer, within: float = 0.0
) -> str:
    """Say what is wrong with an answer; nothing if it is right.

    Parameters
    ----------
    answer : float, str, collection of str, Ellipsis or None
        What was answered; ``None`` or ``...`` for nothing.
    right : float, str or collection of str
        The right answer. It never shows in what is said.
    within : float
        How far a number may lie off.

    Returns
    -------
    str
        One or two sentences, or an empty string.
    """
    if wrong := wrong_kind(answer, right):
        return wrong
    if _is_number(right):
        assert _is_number(answer)  # or it would have been of the wrong kind
        return _number_fault(float(answer), float(right), within)
    if isinstance(right, str):
        return _name_fault(str(answer), right)
    assert isinstance(answer, Collection)
    asked = {name.casefold() for name in right}
    given = {str(name).strip().casefold() for name in answer}
    parts = []
    if given - asked:
        parts.append(f"{len(given - asked)} of yours should not be there.")
    if asked - given:
        parts.append(f"{len(asked - given)} still to be found.")
    return " ".join(parts)


def wrong_kind(answer: object, asked: Answer) -> str:
    """Say which kind of answer is asked for, if this is another kind.

    Parameters
    ----------
    answer : object
        What was answered.
    asked : float, str or collection of str
        Any answer of the right kind.

    Returns
    -------
    str
        One sentence, or an empty string.
    """
    if answer is None or answer is ...:
        return "There is no answer here so far."
    if _is_number(asked):
        return "" if _is_number(answer) else _not_a_number(answer)
    if _is_number(answer):
        return "A name is asked for, in quotation marks, or a list of names."
    if isinstance(asked, str):
        one = isinstance(answer, str)
        return "" if one else "A name is asked for, in quotation marks."
    if isinstance(answer, str) or not isinstance(answer, Collection):
        return "Several names are asked for, as a list."
    return ""


def seal(answers: Mapping[str, Expected]) -> str:
    """Encode right answers, so that nobody reads one by accident.

    This hides them from the eye, not from somebody who is determined to see them.

    Parameters
    ----------
    answers : mapping of str to Expected
        Right answers by the labels of their exercises.

    Returns
    -------
    str
        One line of text, which :func:`unseal` reads.
    """
    told = {
        label: [_plain(answer), within] for label, (answer, within) in answers.items()
    }
    packed = zlib.compress(json.dumps(told, sort_keys=True).encode())
    return base64.b64encode(packed).decode("ascii") + "\n"


def unseal(text: str) -> dict[str, Expected]:
    """Read what :func:`seal` has encoded.

    Parameters
    ----------
    text : str
        The content of a sealed file.

    Returns
    -------
    dict of str to Expected
        Right answers by the labels of their exercises.

    Raises
    ------
    ValueError
        If the text is damaged.
    """
    try:
        told = json.loads(zlib.decompress(base64.b64decode(text, validate=False)))
        return {label: Expected(*kept) for label, kept in told.items()}
    except (binascii.Error, zlib.error, TypeError, ValueError) as error:
        raise ValueError(
            "The sealed answers are damaged. Unpack the notebooks anew."
        ) from error


def _sealed() -> dict[str, Expected]:
    """The sealed answers beside this package; none in the book itself."""
    return unseal(SEALED.read_text("ascii")) if SEALED.is_file() else {}


def _plain(answer: Answer) -> float | str | list[str]:
    """An answer as JSON can hold it."""
    if _is_number(answer):
        return float(answer)
    return str(answer) if isinstance(answer, str) else sorted(map(str, answer))


def _not_a_number(answer: object) -> str:
    """Why this is not the number that was asked for."""
    if isinstance(answer, bool):
        return "A number is asked for, not yes or no."
    if isinstance(answer, str):
        try:
            float(answer)
        except ValueError:
            return "A number is asked for."
        return "A number is asked for: take it out of its quotation marks."
    if hasattr(answer, "__len__"):
        return "One number is asked for, and this is a list or a table: pick it out."
    return "A number is asked for."


def _number_fault(answer: float, right: float, within: float) -> str:
    if not math.isfinite(answer):
        return "That is not a number one can compare: something was divided by nought?"

    def hits(guess: float) -> bool:
        return abs(guess - right) <= within

    if hits(answer):
        return ""
    for factor, unit in ((100, "per cent"), (1000, "thousands")):
        if hits(answer * factor) or hits(answer / factor):
            return f"The digits are right. Look at the unit: {unit} or not?"
    if right and hits(-answer):
        return "The size is right, the sign is not."
    if hits(100 - answer) or hits(100 * (1 - answer)):
        return "This looks like the rest of a hundred. The other part is asked for."
    if hits(answer - 100) or hits(100 * (answer - 1)):
        return "A change is asked for. This looks like what it came to, 100 included."
    if answer and hits(1 / answer) and not 1 / OTHER < answer**2 < OTHER:
        return "It is upside down. Which number is divided by which?"
    way = "too large" if answer > right else "too small"
    near = abs(answer - right) <= NEAR * within
    return f"It is {way}, but not by much." if near else f"It is {way}."


def _name_fault(answer: str, right: str) -> str:
    given, asked = answer.strip().casefold(), right.casefold()
    if given == asked:
        return ""
    if difflib.SequenceMatcher(None, given, asked).ratio() >= ALIKE:
        return "Nearly. Write it as the table does, letter by letter."
    return "It is another one."


def _is_number(value: object) -> TypeIs[float]:
    """Whether this is one number; a table column, too, could pass for one."""
    single = not hasattr(value, "__len__") and not isinstance(value, bool)
    return hasattr(value, "__float__") and single
