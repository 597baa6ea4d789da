"""The picture that chats and networks show of a page: its first figure, and its title.

They show no SVG and want a whole address, so cards are drawn only where the address of
the site is known, and anew only when what is on them has changed.
"""

import hashlib
import io
import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from creative_clusters.palette import ACCENT, INK

FOLDER = "_images/cards"
WIDTH, HEIGHT = 1200, 630  # what the networks ask for
MARGIN = 56
GROUND, PAPER = "#f3f5f7", "#ffffff"
FACE = "Source Serif Pro"
TITLE_WIDTH = 400  # beside a picture
TITLE_SIZE, LARGE_TITLE_SIZE, NAME_SIZE = 50, 84, 25
MOST_COLOURS = 64
HASH = "made-from"
PICTURE = (
    500,
    MARGIN,
    WIDTH - 500 - MARGIN,
    HEIGHT - 2 * MARGIN,
)  # x, y, width, height
PADDING = 24


def fonts() -> list[str]:
    """The files of the typeface: for titles, and for the name of the book."""
    import font_source_serif_pro as face

    return [
        face.font_files_ttf[name]
        for name in ("SourceSerifProSemibold", "SourceSerifPro")
    ]


def wrap(text: str, size: int, width: int, font: str) -> list[str]:
    """Break a text into lines of this width."""
    from PIL import ImageFont

    measure = ImageFont.truetype(font, size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fitted(
    text: str, size: int, width: int, height: int, font: str
) -> tuple[int, list[str]]:
    """The largest size, up to the one asked, at which a text fits, and its lines."""
    from PIL import ImageFont

    while size > NAME_SIZE:
        lines, measure = wrap(text, size, width, font), ImageFont.truetype(font, size)
        widest = max(measure.getlength(line) for line in lines)
        if widest <= width and len(lines) * size * 1.15 <= height:
            break
        size -= 2
    return size, wrap(text, size, width, font)


def spans(lines: list[str], x: int, y: float, size: int, weight: int, ink: str) -> str:
    """Lines of text as SVG, the first with its baseline at ``y``."""
    return "\n".join(
        f'<text x="{x}" y="{y + number * size * 1.15:.0f}" font-family="{FACE}" '
        f'font-size="{size}" font-weight="{weight}" fill="{ink}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )


def framed(picture: str) -> str:
    """A figure's SVG, as large as its frame allows."""
    x, y, width, height = PICTURE
    inner = re.sub(r"^.*?(?=<svg\b)", "", picture, flags=re.DOTALL)
    place = (
        f'x="{x + PADDING}" y="{y + PADDING}" '
        f'width="{width - 2 * PADDING}" height="{height - 2 * PADDING}"'
    )
    head, rest = inner.split(">", 1)
    head = re.sub(r'\s(?:width|height|x|y)="[^"]*"', "", head)
    frame = (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" '
        f'fill="{PAPER}"/>'
    )
    return f"{frame}\n{head} {place}>{rest}"


def card(title: str, book: str, picture: str | None) -> str:
    """A card as SVG."""
    bold = fonts()[0]
    names = book.split(", ", 1)
    foot = HEIGHT - MARGIN - (len(names) * 2 - 1) * NAME_SIZE
    width = TITLE_WIDTH if picture else WIDTH - 2 * MARGIN
    large = TITLE_SIZE if picture else LARGE_TITLE_SIZE
    room = foot - 2 * MARGIN - NAME_SIZE
    size, lines = fitted(title, large, width, room, bold)
    lines_of_name = [
        line for name in names for line in wrap(name, NAME_SIZE, width, bold)
    ]
    start = HEIGHT - MARGIN - (len(lines_of_name) - 1) * NAME_SIZE * 1.15
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{WIDTH}" height="{HEIGHT}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
            f'<rect width="14" height="{HEIGHT}" fill="{ACCENT}"/>',
            framed(picture) if picture else "",
            spans(lines, MARGIN, MARGIN + size, size, 600, INK),
            spans(lines_of_name, MARGIN, start, NAME_SIZE, 400, INK),
            "</svg>",
        ]
    )


def drawn(svg: str) -> bytes:
    """A card as PNG with few colours, which knows what it was made from."""
    import resvg_py
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    png = resvg_py.svg_to_bytes(
        svg_string=svg, font_files=fonts(), skip_system_fonts=True
    )
    note, out = PngInfo(), io.BytesIO()
    note.add_text(HASH, made_from(svg))
    few = Image.open(io.BytesIO(bytes(png))).convert("RGB").quantize(MOST_COLOURS)
    few.save(out, "PNG", optimize=True, pnginfo=note)
    return out.getvalue()


def made_from(svg: str) -> str:
    """What tells one card from another before it is drawn."""
    return hashlib.sha256(f"{MOST_COLOURS}{svg}".encode()).hexdigest()[:16]


def is_current(file: Path, svg: str) -> bool:
    """Whether the card is there and shows this."""
    from PIL import Image

    if not file.is_file():
        return False
    with Image.open(file) as picture:
        return bool(picture.info.get(HASH) == made_from(svg))


def first_figure(env: BuildEnvironment, page: str) -> dict[str, Any] | None:
    """What a page's first figure shows; None for a page without figures."""
    figures: dict[str, dict[str, Any]] = env.metadata.get(page, {}).get("figures", {})
    return next(iter(figures.values()), None)


def file_name(page: str) -> str:
    """Where the card of a page lies in the site."""
    return f"{FOLDER}/{page.replace('/', '-')}.png"


def tell_kind(app: Sphinx, config: Config) -> None:
    """Ask networks to show the cards large."""
    if config.ogp_site_url:
        tag = '<meta name="twitter:card" content="summary_large_image" />'
        config.ogp_custom_meta_tags = [*config.ogp_custom_meta_tags, tag]


def tell_card(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Hand the card's address and alternative text on to sphinxext-opengraph."""
    site = app.config.ogp_site_url
    if not site or tree is None:
        return
    shown = first_figure(app.env, pagename)
    title = app.env.titles[pagename].astext()
    context["meta"] = {
        **(context.get("meta") or {}),
        "og:image": urljoin(site, file_name(pagename)),
        "og:image:alt": shown["alt"] if shown else f"The title of the page: {title}",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
    }


def write_cards(app: Sphinx, error: Exception | None) -> None:
    """Draw the cards that are new or show something else than before."""
    if error or app.builder.name != "html":
        return
    out, wanted = Path(app.outdir), set()
    for page in sorted(app.env.found_docs) if app.config.ogp_site_url else []:
        shown = first_figure(app.env, page)
        # The address of a figure is given from the folder of the pages.
        picture = Path(app.srcdir) / shown["uri"] if shown else None
        text = picture.read_text(encoding="utf-8") if picture else None
        title, book = app.env.titles[page].astext(), app.config.ogp_site_name
        svg, file = card(title, book, text), out / file_name(page)
        wanted.add(file)
        if not is_current(file, svg):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(drawn(svg))
    for stray in {*(out / FOLDER).glob("*.png")} - wanted:
        stray.unlink()


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("config-inited", tell_kind, priority=600)  # the address is known
    app.connect("html-page-context", tell_card, priority=400)  # before opengraph's
    app.connect("build-finished", write_cards)
