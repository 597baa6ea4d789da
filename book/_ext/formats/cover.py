"""The cover, drawn around a figure of the book; and the type face of the formats."""

import base64
import html as markup
import mimetypes
from pathlib import Path

import font_source_serif_pro
import matplotlib
import resvg_py

from formats.chapters import COMPANION, SUBTITLE, TITLE, Edition

INK, ACCENT, CALM, LITTLE = "#22282f", "#a63a19", "#164f7c", "#565d66"
WIDTH, HEIGHT = 1600, 2400

SERIF = Path(font_source_serif_pro.__file__).parent / "files"
SANS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FACES = {
    "regular": SERIF / "SourceSerifPro-Regular.ttf",
    "italic": SERIF / "SourceSerifPro-It.ttf",
    "bold": SERIF / "SourceSerifPro-Semibold.ttf",
    "bold-italic": SERIF / "SourceSerifPro-SemiboldIt.ttf",
    "sans": SANS / "DejaVuSans.ttf",  # the figures' own, for signs that the serif lacks
    "mono": SANS / "DejaVuSansMono.ttf",
}

COVER = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="Source Serif Pro">
<rect width="{width}" height="{height}" fill="#ffffff"/>
<rect width="{width}" height="46" fill="{accent}"/>
<text fill="{ink}" font-size="172" font-weight="600">
<tspan x="130" y="360">{first}</tspan><tspan x="130" y="560">{second}</tspan></text>
<text x="130" y="690" fill="{calm}" font-size="74">{subtitle}</text>
<image x="130" y="830" width="1340" height="1060" href="{picture}"/>
<text fill="{little}" font-size="46">
<tspan x="130" y="2070">{companion_first}</tspan>
<tspan x="130" y="2132">{companion_second}</tspan>
<tspan x="130" y="2270">{made}</tspan></text>
</svg>
"""


def data_uri(picture: Path) -> str:
    """A picture as part of the document that shows it."""
    kind = mimetypes.guess_type(picture.name)[0] or "application/octet-stream"
    content = base64.b64encode(picture.read_bytes()).decode()
    return f"data:{kind};base64,{content}"


def draw(edition: Edition) -> bytes:
    """The cover as a PNG picture."""
    first, second = TITLE.rsplit(" ", 1)
    companion_first, companion_second = COMPANION.split(" (")
    svg = COVER.format(
        width=WIDTH,
        height=HEIGHT,
        ink=INK,
        accent=ACCENT,
        calm=CALM,
        little=LITTLE,
        first=first,
        second=second,
        subtitle=SUBTITLE,
        picture=data_uri(edition.html / str(edition.cover_picture["src"])),
        companion_first=companion_first,
        companion_second=f"({companion_second}",
        made=markup.escape(edition.made),
    )
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=WIDTH,
            skip_system_fonts=True,
            font_files=[str(path) for path in FACES.values()],
        )
    )
