"""Sources are named as people name them."""

import pytest
from clusters_book.evidence import called


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("CC-BY-4.0", "CC BY 4.0"),
        ("CC-BY-NC-SA-4.0", "CC BY-NC-SA 4.0"),
        ("CC0-1.0", "CC0 1.0"),
        ("OGL-UK-3.0", "Open Government Licence 3.0"),
        ("MIT", "MIT"),
    ],
)
def test_licence_is_called_by_its_name(code: str, name: str) -> None:
    assert called(code).replace("\N{NO-BREAK SPACE}", " ") == name


def test_name_of_a_licence_stays_on_one_line() -> None:
    assert " " not in called("CC-BY-SA-4.0")
