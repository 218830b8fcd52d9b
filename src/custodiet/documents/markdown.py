"""Markdown as our documents use it: published text escaped, and one parsed tree that every form is written from."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from custodiet.model.text import tidy

# What CommonMark, its tables and its footnotes take for markup inside a line, and what begins a block.
MARKS = re.compile(r"[\\`*_\[\]<>&|~#^]")
BLOCK_START = re.compile(r"(?:[+=-]|\d+(?=[.)]))")
# Signs that nobody sees, some of which turn the order of a line around.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff\ud800-\udfff\ufffe\uffff]"
)
# Where a fact begins and ends while a document is checked. They are never in published text, and never in a document.
BEGIN, END = "\ue001", "\ue002"
# A blank for a person to fill is bold text in square brackets with a space inside: it is seen in every form.
BLANK = re.compile(r"\[ .* \]", re.DOTALL)


def escape(text: str) -> str:
    """Return a text on one line as Markdown that shows it letter by letter: none of it is markup, a link or a footnote."""
    line = MARKS.sub(r"\\\g<0>", tidy(UNSEEN.sub("", text)))
    start = BLOCK_START.match(line)
    if start is None:
        return line
    # A number can't be escaped itself; the sign behind it can.
    return f"\\{line}" if not start[0][0].isdigit() else f"{start[0]}\\{line[start.end() :]}"


@dataclass(frozen=True)
class Tree:
    """A parsed document: its tokens, its blocks, and the content of its footnotes by number, from 1."""

    tokens: list[Token]
    blocks: list[SyntaxTreeNode]
    notes: dict[int, list[SyntaxTreeNode]]


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin, inline=False)


def parse(text: str) -> Tree:
    """Return a Markdown text as a tree. HTML in it is text."""
    tokens = _parser().parse(text)
    root = SyntaxTreeNode(tokens)
    blocks = [block for block in root.children if block.type == "footnote_block"]
    notes = {note.meta["id"] + 1: note.children for block in blocks for note in block.children}
    return Tree(tokens, [block for block in root.children if block.type != "footnote_block"], notes)


def plain(node: SyntaxTreeNode) -> str:
    """Return the text of a block or a line without its markup; a footnote has none."""
    if node.type in ("text", "code_inline", "fence", "code_block"):
        return node.content
    if node.type in ("footnote_ref", "footnote_anchor"):
        return ""
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(plain(child) for child in node.children)


def unmark(text: str) -> str:
    """Return a Markdown text of ours, such as a rule's, without its markup."""
    return " ".join(plain(block) for block in parse(text).blocks)


def is_blank(node: SyntaxTreeNode) -> bool:
    """Tell whether a node is a blank that a person must fill."""
    return node.type == "strong" and BLANK.fullmatch(plain(node)) is not None


def units(blocks: list[SyntaxTreeNode], heading: str = "") -> Iterator[tuple[str, str, str]]:
    """Give each paragraph, heading and row of a table: the second-level heading that it stands under, its kind, its text."""
    for block in blocks:
        if block.type == "heading":
            heading = plain(block) if block.tag in ("h1", "h2") else heading
            yield heading, "heading", plain(block)
        elif block.type == "paragraph":
            yield heading, "paragraph", plain(block)
        elif block.type == "tr":
            yield heading, "row", "  ".join(plain(cell) for cell in block.children)
        elif block.type == "thead":
            yield heading, "heading", plain(block)
        else:
            yield from units(block.children, heading)
