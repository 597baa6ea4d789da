"""The typeface of titles: one weight of a serif, cut down to the letters we use.

The font comes with a pinned package. What the site ships is a subset in WOFF2, a tenth
of the original, under a name of its own: its licence keeps the original's name for the
unchanged font. Body text is set in the reader's own system font and loads nothing.
"""

import io
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

PACKAGE = "font_source_serif_pro"
ORIGINAL = "SourceSerifPro-Semibold.ttf"
FONT = "book-serif.woff2"  # named in book.css, too
LICENCE = "book-serif-licence.txt"
FAMILY = "Book Serif"

# Latin with the accents of European and American names, and the marks of set text.
LETTERS = {
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *map(ord, "\u2010\u2011–—‘’“”…€−→↗×½\u2009\u202f"),
}
FEATURES = ["kern", "liga", "lnum", "ccmp", "mark", "locl"]
FAMILY_NAMES = (1, 4, 6, 16)  # entries of a font's name table that name the family


def package_files() -> Path:
    """Folder of the original font files."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"The package {PACKAGE} is missing: run `make book`, which installs it, "
            "or install requirements.txt."
        )
    return Path(spec.origin).with_name("files")


def subset_font(original: Path) -> bytes:
    """Cut a font down to our letters and return it as WOFF2 under our name."""
    # Loaded only when a font is cut: a third of a second in every other build.
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False  # screens that would need it have the system's serif
    options.name_IDs = ["*"]  # the copyright and the licence stay in the file
    font = TTFont(original)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in FAMILY_NAMES:
            name = FAMILY.replace(" ", "") if record.nameID == 6 else FAMILY
            record.string = name
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


def write_font(app: Sphinx) -> None:
    """Put the font beside the style sheet, unless an up-to-date one lies there."""
    if app.builder.name not in {"html", "dirhtml", "singlehtml"}:
        return
    original = package_files() / ORIGINAL
    written = Path(app.outdir) / "_static" / FONT
    newest = max(original.stat().st_mtime, Path(__file__).stat().st_mtime)
    if written.exists() and written.stat().st_mtime >= newest:
        return  # half a second saved in every other build
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_bytes(subset_font(original))
    licence = (package_files() / "LICENSE.txt").read_bytes()
    written.with_name(LICENCE).write_bytes(licence)


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("builder-inited", write_font)
