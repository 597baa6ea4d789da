"""The text of a page, part by part: Markdown, and blocks that only the book draws."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin

MARKDOWN = MarkdownIt("commonmark").use(colon_fence_plugin)
NAMED = re.compile(r"\{([\w:-]+)\}\s*(.*)")
OPTION = re.compile(r":([\w-]+):[ \t]*(.*)\n?")


class Block(NamedTuple):
    """A part of a page: a directive, or plain Markdown, whose ``name`` is empty."""

    name: str
    argument: str
    options: dict[str, str]
    body: str


def blocks(text: str) -> Iterator[Block]:
    """The parts of a text in their order; what is inside a directive is its body."""
    lines = text.splitlines(keepends=True)
    written = 0
    for token in MARKDOWN.parse(text):
        if token.level or token.type not in ("fence", "colon_fence") or not token.map:
            continue
        named = NAMED.fullmatch(token.info.strip())
        if not named:
            continue
        first, after = token.map
        yield from plain("".join(lines[written:first]))
        options, body = options_of(token.content)
        yield Block(named[1], named[2].strip(), options, body.strip("\n"))
        written = after
    yield from plain("".join(lines[written:]))


def plain(text: str) -> Iterator[Block]:
    """A part of plain Markdown, if there is anything in it."""
    if text.strip():
        yield Block("", "", {}, text.strip("\n"))


def options_of(content: str) -> tuple[dict[str, str], str]:
    """The options at the head of a directive, and the rest of it."""
    options = {}
    while match := OPTION.match(content):
        options[match[1]] = match[2].strip()
        content = content[match.end() :]
    return options, content


def fences(text: str) -> tuple[str, list[str]]:
    """A text without its pieces of code, and these."""
    lines = text.splitlines(keepends=True)
    found = [t for t in MARKDOWN.parse(text) if t.type == "fence" and t.map]
    for token in reversed(found):
        assert token.map
        del lines[slice(*token.map)]
    return "".join(lines).strip("\n"), [token.content for token in found]


def definitions_as_list(text: str) -> str:
    """Definition lists, which CommonMark has not, as lists with the term in bold."""
    said = re.sub(r"^(?![\s:>#*-])(.+)\n:[ \t]+", r"- **\1.** ", text, flags=re.M)
    said = re.sub(r"^:[ \t]+", "  - ", said, flags=re.M)  # a second definition
    return re.sub(r"\n{2,}(?=- \*\*)", "\n", said)
