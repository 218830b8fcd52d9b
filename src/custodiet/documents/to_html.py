"""A document as one HTML page that stands alone: no script, nothing loaded, readable on paper and in the dark."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from custodiet.documents.markdown import BLANK, Tree
from custodiet.documents.picture import Pictures, find_picture
from custodiet.documents.words import WORDS, Language

STYLE = Path(__file__).parent / "templates" / "document.css"
SHEET = Path(__file__).parent / "templates" / "sheet.css"


class _Renderer(RendererHTML):
    """Footnotes of ours, blanks as marks, and tables that scroll instead of overflowing."""

    words: dict[str, str]
    pictures: Pictures

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002 - its caller's
        # Where it is wider than the page it scrolls by itself, also by keyboard.
        picture = find_picture(self.pictures, tokens[idx].attrs["src"])
        return f'<span class="picture" tabindex="0">{picture.svg}</span>'

    def strong_open(self, tokens: list[Token], idx: int, *_: object) -> str:
        return "<mark>" if _is_blank(tokens, idx) else "<strong>"

    def strong_close(self, tokens: list[Token], idx: int, *_: object) -> str:
        opened = max(i for i in range(idx) if tokens[i].type == "strong_open" and tokens[i].level == tokens[idx].level)
        return "</mark>" if _is_blank(tokens, opened) else "</strong>"

    def table_open(self, *_: object) -> str:
        return '<div class="table"><table>\n'

    def table_close(self, *_: object) -> str:
        return "</table></div>\n"

    def th_open(self, *_: object) -> str:
        return '<th scope="col">'

    def footnote_ref(self, tokens: list[Token], idx: int, *_: object) -> str:
        number, again = tokens[idx].meta["id"] + 1, tokens[idx].meta["subId"]
        mark = f'id="r{number}{f"-{again}" if again else ""}"'
        return f'<sup class="footnote-ref"><a href="#n{number}" {mark} role="doc-noteref">{number}</a></sup>'

    def footnote_block_open(self, *_: object) -> str:
        return f'<section class="footnotes" role="doc-endnotes">\n<h2>{html.escape(self.words["notes"])}</h2>\n<ol>\n'

    def footnote_block_close(self, *_: object) -> str:
        return "</ol>\n</section>\n"

    def footnote_open(self, tokens: list[Token], idx: int, *_: object) -> str:
        return f'<li id="n{tokens[idx].meta["id"] + 1}">'

    def footnote_close(self, *_: object) -> str:
        return "</li>\n"

    def footnote_anchor(self, tokens: list[Token], idx: int, *_: object) -> str:
        number, again = tokens[idx].meta["id"] + 1, tokens[idx].meta["subId"]
        return f' <a href="#r{number}{f"-{again}" if again else ""}" aria-label="{number}">↩</a>'


def _is_blank(tokens: list[Token], idx: int) -> bool:
    text = ""
    for token in tokens[idx + 1 :]:
        if token.type == "strong_close" and token.level == tokens[idx].level:
            break
        text += token.content
    return BLANK.fullmatch(text) is not None


def body_to_html(tree: Tree, language: Language, pictures: Pictures) -> str:
    """Return a document's text as HTML, for a page that brings its own head and style."""
    renderer = _Renderer(MarkdownIt())
    renderer.words = WORDS[language]
    renderer.pictures = pictures
    return str(renderer.render(tree.tokens, MarkdownIt("commonmark").options, {}))


def to_html(tree: Tree, *, title: str, footer: str, language: Language, pictures: Pictures, sheet: bool) -> bytes:
    """Return the page."""
    body = body_to_html(tree, language, pictures)
    style = STYLE.read_text("utf-8") + (SHEET.read_text("utf-8") if sheet else "")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{body}<footer>{html.escape(footer)}</footer>\n</main>\n</body>\n</html>\n"
    ).encode()
