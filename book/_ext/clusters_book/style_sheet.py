"""One style sheet for the book, with the rules its pages use and no other.

The theme and its helpers bring ten sheets, nine tenths of whose rules match nothing in
this book. Here they are joined in their order, and a rule stays if every class, id,
element and attribute that it asks for stands in some page or is a word of some script
that a page loads, for what scripts add.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tinycss2

NAME = "pages.css"
IMPORT = re.compile(r'@import\s+(?:url\()?["\']([^"\']+)["\']\)?\s*;')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WORD = re.compile(r"[\w-]+")
TAG = re.compile(r"<([a-z][\w-]*)((?:\s[^<>]*)?)>")
ATTRIBUTE = re.compile(r'([a-z][\w-]*)(?:="([^"]*)")?')
VARIABLE = re.compile(r"--[\w-]+")
PRIVATE = re.compile(r"[\ue000-\uf8ff]")  # where icon fonts keep their pictures
ICON_FONTS = "vendor/fontawesome/webfonts/"
NESTING = {"media", "supports", "layer", "container"}
LEFT_OUT = {"charset"}
# What browsers make or set by themselves, and what the head of each page sets.
GIVEN = {"html", "body", "tbody", "[open", "[data-theme", "[data-mode"}


@dataclass
class Used:
    """What pages consist of, and what their scripts speak of."""

    names: set[str] = field(default_factory=lambda: set(GIVEN))

    def add_page(self, text: str) -> None:
        """Note elements, classes, ids and attributes of a page."""
        for tag, attributes in set(TAG.findall(text)):
            self.names.add(tag)
            for name, value in ATTRIBUTE.findall(attributes):
                self.names.add(f"[{name}")
                if name in ("class", "id"):
                    mark = "." if name == "class" else "#"
                    self.names.update(mark + word for word in value.split())

    def add_script(self, text: str) -> None:
        """Note every word of a script: any of them may become a class."""
        for word in WORD.findall(text):
            self.names.update((f".{word}", f"#{word}", f"[{word}", word.lower()))

    def matched(self, wanted: Iterable[str]) -> bool:
        """Whether all that a selector asks for is there."""
        return all(name in self.names for name in wanted)


def joined(static: Path, sheets: list[str]) -> str:
    """The sheets one after the other, with what they import and with their addresses
    seen from ``static``.
    """
    return "\n".join(moved(static, sheet) for sheet in sheets)


def moved(static: Path, sheet: str) -> str:
    """One sheet, as if it lay in ``static`` itself."""
    folder = posixpath.dirname(sheet)
    text = (static / sheet).read_text(encoding="utf-8")

    def address(found: re.Match[str]) -> str:
        target = found[1].strip("\"' ")
        if target.startswith(("data:", "#", "/")):
            return found[0]
        return f'url("{posixpath.normpath(posixpath.join(folder, target))}")'

    def imported(found: re.Match[str]) -> str:
        return moved(static, posixpath.normpath(posixpath.join(folder, found[1])))

    text = COMMENT.sub("", text)
    text = re.sub(r"url\(((?:\"[^\"]*\"|'[^']*'|[^)\"'])*)\)", address, text)
    return IMPORT.sub(imported, text)


def wanted(selector: list[Any]) -> Iterator[str]:
    """The names a selector asks for; what stands in brackets after a colon may vary."""
    before = ""
    for token in selector:
        if token.type == "ident" and before == ".":
            yield f".{token.value}"
        elif token.type == "ident" and before != ":":
            yield token.lower_value
        elif token.type == "hash":
            yield f"#{token.value}"
        elif token.type == "[] block":
            names = [part for part in token.content if part.type == "ident"]
            yield f"[{names[0].value}"
        before = token.value if token.type == "literal" else ""


def selectors(prelude: list[Any]) -> list[list[Any]]:
    """The selectors of a rule, which commas part."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def kept(nodes: list[Any], used: Used) -> Iterator[Any]:
    """The rules that match something, with the selectors that do."""
    for node in nodes:
        if node.type == "qualified-rule":
            matching = [s for s in selectors(node.prelude) if used.matched(wanted(s))]
            if matching and [t for t in node.content if t.type != "whitespace"]:
                yield "rule", ",".join(map(slim, matching)), declared(node.content)
        elif node.type == "at-rule" and node.lower_at_keyword in NESTING:
            inner = tinycss2.parse_rule_list(
                node.content, skip_comments=True, skip_whitespace=True
            )
            rules = list(kept(inner, used))
            if rules:
                yield "nest", f"@{node.at_keyword} {slim(node.prelude)}", rules
        elif node.type == "at-rule" and node.lower_at_keyword not in LEFT_OUT:
            head = f"@{node.at_keyword} {slim(node.prelude)}".strip()
            yield "other", head, slim(node.content) if node.content else ""


def slim(tokens: list[Any]) -> str:
    """Tokens as text, with blanks only where they part something."""
    text = " ".join(tinycss2.serialize(tokens).split())
    return re.sub(r"\s*([{};,>])\s*", r"\1", text)


def declared(content: list[Any]) -> list[tuple[str, str]]:
    """Names and values of a rule's declarations; a nested rule has the name ""."""
    found = []
    for node in tinycss2.parse_blocks_contents(
        content, skip_comments=True, skip_whitespace=True
    ):
        if node.type == "declaration":
            value = " ".join(tinycss2.serialize(node.value).split())
            found.append((node.name, value + "!important" * node.important))
        elif node.type != "error":
            found.append(("", slim([node])))
    return found


def written(rules: list[Any], variables: set[str]) -> Iterator[str]:
    """The rules as text, without variables that nothing asks for."""
    for kind, head, content in rules:
        if kind == "rule":
            said = [
                f"{name}:{value}" if name else value
                for name, value in content
                if not name.startswith("--") or name in variables
            ]
            if said:
                yield f"{head}{{{';'.join(said)}}}"
        elif kind == "nest":
            inner = "".join(written(content, variables))
            if inner:
                yield f"{head}{{{inner}}}"
        else:
            yield f"{head}{{{content}}}"


def asked_for(rules: list[Any], asked: set[str]) -> set[str]:
    """The variables that values ask for, directly or by way of another variable."""
    pairs = list(every_declaration(rules))
    needed = asked | {
        name
        for property_, value in pairs
        if not property_.startswith("--")
        for name in VARIABLE.findall(value)
    }
    while True:
        more = {
            name
            for property_, value in pairs
            if property_ in needed
            for name in VARIABLE.findall(value)
        } - needed
        if not more:
            return needed
        needed |= more


def every_declaration(rules: list[Any]) -> Iterator[tuple[str, str]]:
    """All declarations of all rules, however deep."""
    for kind, _, content in rules:
        if kind == "rule":
            yield from content
        elif kind == "nest":
            yield from every_declaration(content)
        else:
            yield "", content


def purged(css: str, used: Used, scripts: str = "") -> str:
    """The sheet without what no page uses."""
    nodes = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    rules = list(kept(nodes, used))
    variables = asked_for(rules, set(VARIABLE.findall(scripts)))
    text = "".join(written(rules, variables))
    return without_idle(text)


def without_idle(css: str) -> str:
    """The sheet without fonts and movements that no rule names."""
    rest = re.sub(r"@(font-face|keyframes [\w-]+)\{(?:[^{}]|\{[^{}]*\})*\}", "", css)
    spoken = rest.replace("\\", "").replace('"', "")

    def idle(found: re.Match[str]) -> str:
        name = re.search(r"font-family:([^;}]+)", found[0])
        key = name[1] if name else found[1].split()[-1]
        return found[0] if key.replace("\\", "").strip("\"' ") in spoken else ""

    return re.sub(r"@(font-face|keyframes [\w-]+)\{(?:[^{}]|\{[^{}]*\})*\}", idle, css)


def icons(css: str) -> set[str]:
    """The characters that rules draw as icons."""
    escaped = re.findall(r"\\([ef][0-9a-f]{3})\b", css)
    return {chr(int(code, 16)) for code in escaped} | set(PRIVATE.findall(css))


def with_icons(css: str, static: Path) -> str:
    """The sheet with icon fonts that hold its icons alone, kept beside it."""
    characters = icons(css)

    def face(found: re.Match[str]) -> str:
        address = re.search(rf"{ICON_FONTS}([\w-]+)\.woff2", found[0])
        if not address:
            return found[0]
        cut = cut_font(static, address[1], characters)
        if cut is None:
            return ""
        source = f'src:url("{cut}") format("woff2")'
        return re.sub(r"src:[^;}]*", source, found[0])

    return re.sub(r"@font-face\{[^{}]*\}", face, css)


def cut_font(static: Path, name: str, characters: set[str]) -> str | None:
    """Write the font with these characters; None if it has none of them."""
    from fontTools import subset  # loaded only when a font is cut
    from fontTools.ttLib import TTFont

    source = static / ICON_FONTS / f"{name}.woff2"
    font = TTFont(source)
    there = {ord(one) for one in characters} & set(font.getBestCmap())
    if not there:
        return None
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=there)
    cutter.subset(font)
    font.flavor = "woff2"
    target = static / f"{name}-cut.woff2"
    font.save(target)
    return f"{target.name}?v={digest(target.read_bytes())}"


def digest(content: bytes) -> str:
    """A short name for a content, so that browsers keep a file until it changes."""
    return hashlib.sha256(content).hexdigest()[:10]
