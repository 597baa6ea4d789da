"""Figures as light as they can be without looking different.

Matplotlib writes coordinates with six decimals, one on a line, names every part, and
draws every dot of a scatter as eight curves. A tenth of a point is finer than any
screen shows; steps from point to point are shorter to write than places. A figure
that a reader sees at once is loaded at once; the others when they come near.
"""

import html
import math
import re
from itertools import pairwise
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

DECIMALS = 1  # of a point, in figures some 400 points wide
CURVES_OF_A_DOT = 8
FIRST_SCREEN = 1500  # letters of text that come before the fold on a phone, at most

METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
PLACED = re.compile(r'(\s(?:d|x|y))="([^"]*)"')
NUMBER = re.compile(r"-?\d+\.\d+")
OUTLINE = re.compile(rf"M ([-\d. ]+?)((?: C [-\d. ]+?){{{CURVES_OF_A_DOT}}}) z")
STEP = re.compile(r"([MLQCz])((?:\s*-?[\d.]+)*)\s*")
STEPS = re.compile(rf"(?:{STEP.pattern})+")
POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "z": 0}  # that a step of a path consists of
NAMED, USED = re.compile(r' id="([^"]+)"'), re.compile(r"#([\w-]+)")
BETWEEN_TAGS = re.compile(r">\s+<")
FOLDED = re.compile(r"<(pre|details)\b.*?(?:</\1>|$)", re.DOTALL)
ANY_TAG = re.compile(r"<[^>]+>")


class SizedImage(nodes.image):  # type: ignore[misc]
    """An image that tells its size, so that nothing jumps while it loads."""


def compact(svg: str) -> str:
    """The same picture in fewer bytes."""
    svg = METADATA.sub("", svg)
    svg = PLACED.sub(lambda found: f'{found[1]}="{shortened(found[2])}"', svg)
    used = set(USED.findall(svg))
    svg = NAMED.sub(lambda found: found[0] if found[1] in used else "", svg)
    if "<text" not in svg:  # blanks between the words of a text are seen
        svg = BETWEEN_TAGS.sub("><", svg)
    return svg


def shortened(place: str) -> str:
    """A path or a coordinate, with circles as arcs and numbers rounded."""
    path = OUTLINE.sub(dot, " ".join(place.split()))
    path = NUMBER.sub(lambda number: rounded(float(number[0])), path)
    return stepwise(path) if STEPS.fullmatch(path) else path


def stepwise(path: str) -> str:
    """The same path, each point told from the one before."""
    written, here, start = [], (0.0, 0.0), (0.0, 0.0)
    for command, told in STEP.findall(path):
        if command == "z":
            written.append("z")
            here = start
            continue
        numbers = [float(number) for number in told.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        size = POINTS[command]
        for first in range(0, len(points), size):
            group = points[first : first + size]
            steps = [
                rounded(to - at)
                for point in group
                for to, at in zip(point, here, strict=True)
            ]
            here = group[-1]
            written.append(command.lower() + " ".join(steps).replace(" -", "-"))
            if command == "M":
                start, command, size = here, "L", 1
    return "".join(written)


def rounded(number: float) -> str:
    """A number as short as it goes."""
    text = f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def dot(outline: re.Match[str]) -> str:
    """Two arcs for the eight curves of a circle; what is no circle stays as it is."""
    numbers = [float(number) for number in outline[1].split()]
    for curve in outline[2].split("C")[1:]:
        numbers += map(float, curve.split()[-2:])
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    x, y = (sum(values[:-1]) / CURVES_OF_A_DOT for values in zip(*points, strict=True))
    radius = math.dist(points[0], (x, y))
    sides = [math.dist(one, other) for one, other in pairwise(points)]
    if any(abs(math.dist(p, (x, y)) - radius) > 0.01 * radius for p in points) or (
        max(sides) - min(sides) > 0.01 * radius
    ):
        return outline[0]
    left, middle, across = rounded(x - radius), rounded(y), rounded(2 * radius)
    # A radius too large for the way across draws an oval; one too small is made to fit.
    r = rounded(math.floor(5 * float(across)) / 10)
    half = f"a{r} {r} 0 1 0"
    return f"M{left} {middle}{half} {across} 0{half}-{across} 0z"


def loading(translator: Any) -> dict[str, str]:
    """How the browser shall load the image that is written next."""
    if not getattr(translator, "picture_written", False):
        translator.picture_written = True
        seen = FOLDED.sub("", "".join(translator.body))
        text = html.unescape(ANY_TAG.sub("", seen))
        if len(" ".join(text.split())) < FIRST_SCREEN:
            return {"decoding": "async"}
    return {"loading": "lazy", "decoding": "async"}


def visit_sized_image(self: Any, node: SizedImage) -> None:
    """Write the image with its size, to be loaded when it comes near."""
    uri = node["uri"]
    if uri in self.builder.images:
        uri = f"{self.builder.imgpath}/{self.builder.images[uri]}"
    width, height = node["px"]
    attributes = {"src": uri, "alt": node["alt"], "width": width, "height": height}
    self.body.append(self.emptytag(node, "img", "\n", **attributes, **loading(self)))


def depart_nothing(self: Any, node: SizedImage) -> None:
    """Nothing to close."""


def setup(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(SizedImage, html=(visit_sized_image, depart_nothing))
