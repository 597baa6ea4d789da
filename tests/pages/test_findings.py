"""The findings are promises: a page that finds something else must say so here, too."""

import json
from pathlib import Path

import pytest

SUPPORTED = "supported"
CHANCE = "not distinguishable from chance"
TOO_LITTLE = "too little data"

NO_GUARANTEE = "lessons/no-guarantee"
VERDICTS = {
    NO_GUARANTEE: "Of nine promises, four were short when due, and three of these "
    "came later; all four audited claims shrank; Salford gained a "
    "billion pounds, but Greater Manchester's gain could as well be "
    "chance.",
}
FINDINGS = {
    (NO_GUARANTEE, "billion"): (
        "From 2012 to 2016 Salford's media industries made 1,293 million pounds more "
        "than its stand-in's",
        "1,118 to 1,467 million; the promise was 1,000 million net for Britain",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "georgia"): (
        "Of the 92,000 film jobs claimed for Georgia in 2016 the state's auditors "
        "found 9,130, 10 per cent",
        "one audit, no interval; payrolls show 10,919 jobs in the whole industry that"
        " year",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "jobs"): (
        "The jobs fell short: by 2016 MediaCityUK had 4,600 more than in 2011, 31 per"
        " cent of the 15,000 claimed",
        "30 to 53 per cent, depending on which promise and which count",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "local"): (
        "26 of 680 BBC recruits came from Salford, 3.8 per cent",
        "95 per cent interval 2.6 to 5.5",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "manchester"): (
        "In 2016 Manchester stood 137 million pounds below its stand-in",
        "−283 to 10 million, p = 0.12",
        CHANCE,
    ),
    (NO_GUARANTEE, "net"): (
        "The best guess is that 61 per cent of Salford's gain of 2016 was a gain for "
        "the city region",
        "−67 to 188 per cent, which holds none and all",
        TOO_LITTLE,
    ),
    (NO_GUARANTEE, "region"): (
        "In 2016 Greater Manchester as a whole stood 218 million pounds above its "
        "stand-in",
        "−241 to 677 million, p = 0.32",
        CHANCE,
    ),
    (NO_GUARANTEE, "repeals"): (
        "After the money stopped or shrank, film jobs of 2016 to 2019 stood 15 per "
        "cent below the stand-in in Michigan and 51 per cent above it in North "
        "Carolina",
        "−67 to 122 and −42 to 294 per cent; a fall of less than 62 per cent could "
        "not have been told from chance",
        TOO_LITTLE,
    ),
    (NO_GUARANTEE, "salford"): (
        "In 2016 the media industries' share of Salford's economy stood 5.3 "
        "percentage points above its stand-in",
        "4.6 to 6.0; first of 41 places over all years since 2011, p = 0.024",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "strikes"): (
        "In the summer of the 2023 strikes film jobs fell further than in any calm "
        "quarter in 7 of 24 states, in Georgia by 55 per cent",
        "never in more than 3 states at once in 36 calm quarters, p = 0.027",
        SUPPORTED,
    ),
    (NO_GUARANTEE, "year"): (
        "Recife's park had 67 per cent of its 20,000 people when they were due in "
        "2020 and 108 in 2024; Toronto's tower was 31 per cent let at the end of 2014"
        " and full in 2017",
        "single counts from the park and the press, no interval; two sources for 2014"
        " say 27 and 31",
        SUPPORTED,
    ),
}


@pytest.fixture(scope="session")
def pages(book: Path) -> dict:
    """What each page of the fresh build produced."""
    return json.loads((book.parent / "record.json").read_text(encoding="utf-8"))


def test_every_finding_of_every_page_is_promised_here(pages):
    found = {(page, key) for page, p in pages.items() for key in p.get("findings", {})}
    assert found == set(FINDINGS)


@pytest.mark.parametrize(("page", "key"), FINDINGS, ids="/".join)
def test_findings_are_as_promised(pages, page, key):
    found = pages[page]["findings"][key]
    assert (found["sentence"], found["interval"], found["state"]) == FINDINGS[page, key]


@pytest.mark.parametrize("page", VERDICTS)
def test_verdicts_are_as_promised_and_stand_on_the_landing_page(pages, page, book):
    assert pages[page]["verdict"] == VERDICTS[page]
    landing = (book / "index.html").read_text(encoding="utf-8")
    assert VERDICTS[page].replace("'", "&#39;") in landing or VERDICTS[page] in landing


@pytest.mark.parametrize("page", VERDICTS)
def test_lesson_rests_on_several_tables_and_shows_five_figures(pages, page):
    assert len(pages[page]["tables"]) >= 2
    assert len(pages[page]["figures"]) >= 5
    assert len(pages[page]["findings"]) >= 5


@pytest.mark.parametrize("page", VERDICTS)
def test_solutions_of_exercises_are_right(page, book):
    html = (book / f"{page}.html").read_text(encoding="utf-8")
    assert html.count("<pre>Right.") == 2
    assert "Not yet." not in html
