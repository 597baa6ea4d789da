"""What makes pages light leaves them as they were: style sheet, figures, formulas."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from clusters_book.formulas import mathml
from clusters_book.lean import (
    COLOURED,
    refused,
    with_few_colours,
    with_scripts_it_uses,
)
from clusters_book.pictures import compact
from clusters_book.style_sheet import Used, purged
from matplotlib import pyplot as plt
from PIL import Image, ImageChops

ROOT = Path(__file__).parents[2]
SHEET = """
:root { --used: red; --unused: blue; }
p, .nowhere { color: var(--used) }
.nowhere { color: var(--unused) }
.by-script { color: red }
@media print { .nowhere { color: red } p { color: black } }
@font-face { font-family: "Unused"; src: url(a.woff2) }
"""


def test_style_sheet_keeps_what_pages_and_scripts_name_and_nothing_else() -> None:
    used = Used()
    used.add_page('<html><body><p class="here">text</p></body></html>')
    used.add_script('element.classList.add("by-script")')
    assert purged(SHEET, used) == (
        ":root{--used:red}p{color:var(--used)}.by-script{color:red}"
        "@media print{p{color:black}}"
    )


def test_script_without_use_on_a_page_is_not_loaded() -> None:
    page = '<script src="_static/copybutton.js"></script>'
    assert with_scripts_it_uses(page) == ""
    code = page + '<div class="highlight"></div>'
    assert 'defer src="_static/copybutton.js"' in with_scripts_it_uses(code)


def test_code_keeps_its_text_and_the_marks_that_have_a_colour() -> None:
    code = (
        '<span></span><span class="k">def</span><span class="w"> </span>'
        '<span class="nf">share</span><span class="p">(</span><span class="n">a</span>'
        '<span class="p">):</span> <span class="s2">"</span><span class="s2">a</span>'
        '<span class="s2">"</span><span class="mi">1</span> <span class="std">b</span>'
    )
    assert with_few_colours(code) == (
        '<span></span><span class="k">def</span> share(a): <span class="s2">"a"</span>'
        '<span class="mi">1</span> <span class="std">b</span>'
    )


def test_marks_that_are_kept_are_those_the_style_sheet_colours() -> None:
    sheet = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    rules = re.findall(r"\.highlight :is\(([^)]*)\) \{ color:", sheet)
    named = {name.strip(" .") for rule in rules for name in rule.split(",")}
    assert named == COLOURED


@pytest.mark.parametrize(
    "slip",
    ['<p style="color: red">', '<a onclick="go()">', "<script>go()</script>"],
)
def test_what_the_policy_would_refuse_is_found(slip: str) -> None:
    assert refused(f"<main>{slip}</main>")
    assert not refused("<main><p>style= and onclick= in words</p></main>")


def test_compact_figure_looks_the_same_and_weighs_less() -> None:
    fig, ax = plt.subplots(figsize=(5, 3))
    ax.scatter(range(200), [n * 37 % 101 for n in range(200)], s=12)
    ax.plot(range(200), [n * 37 % 101 for n in range(200)])
    ax.set(title="A title", xlabel="One", ylabel="Other")
    text = io.StringIO()
    fig.savefig(text, format="svg")
    plt.close(fig)
    before = text.getvalue()[text.getvalue().index("<svg") :]
    after = compact(before)
    assert len(after) < 0.85 * len(before)
    one, other = (
        Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, dpi=96))))
        for svg in (before, after)
    )
    apart = ImageChops.difference(one.convert("L"), other.convert("L")).histogram()
    assert sum(apart[64:]) < 0.001 * sum(apart)  # pixels a reader could tell apart


def test_dots_of_any_size_stay_round() -> None:
    sizes = np.linspace(0.6, 12, 83)  # few of them round to themselves
    fig, ax = plt.subplots(figsize=(5, 3))
    for place, size in enumerate(sizes):
        ax.plot(place, place, "o", ms=size)
    text = io.StringIO()
    fig.savefig(text, format="svg")
    plt.close(fig)
    arcs = re.findall(r"a([\d.]+) [\d.]+ 0 1 0 ([\d.]+) 0", compact(text.getvalue()))
    # With half the way across or less as its radius, an arc is half a circle.
    assert len({across for _, across in arcs}) > len(sizes) / 2
    assert all(2 * float(r) <= float(across) for r, across in arcs)


def test_formula_becomes_mathml_and_keeps_its_tex() -> None:
    drawn = mathml(r"LQ = \frac{e_i / e}{E_i / E}", "block")
    assert drawn.startswith("<math")
    assert 'display="block"' in drawn
    assert re.search(r"<mfrac>.*<msub><mi>e</mi><mi>i</mi></msub>", drawn)
    assert r'encoding="application/x-tex">LQ = \frac{e_i / e}{E_i / E}<' in drawn


def test_formula_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="nosuchcommand"):
        mathml(r"\nosuchcommand{x}", "inline")
