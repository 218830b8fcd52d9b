"""A document as PDF: the tree as calls of Typst whose texts are string literals, so that none of it is read as markup."""

import datetime as dt
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from markdown_it.tree import SyntaxTreeNode

from custodiet.documents.layout import size_drawing, split_sheet, weigh_columns
from custodiet.documents.markdown import Tree, is_blank
from custodiet.documents.picture import Pictures, find_picture
from custodiet.documents.words import WORDS, Language
from custodiet.model.errors import DocumentError

PAPERS = {"letter": "us-letter", "a4": "a4"}
# Where a long address or hash may be broken at a line's end.
BREAKS = re.compile(r"[/_.?&=-](?=\S)|[0-9A-Za-z]{12}(?=[0-9A-Za-z])")
LONG_WORD = re.compile(r"\S{25,}")

WORDLESS = {"softbreak": '#" "', "hardbreak": "#linebreak()", "footnote_anchor": ""}
PREAMBLE = Path(__file__).parent / "templates" / "document.typ"
SHEET = Path(__file__).parent / "templates" / "sheet.typ"


def to_pdf(
    tree: Tree, *, title: str, header: str, footer: str, language: Language, paper: str, as_of: dt.date, pictures: Pictures,
    sheet: bool,
) -> bytes:  # fmt: skip
    """Return the document as PDF, dated by its own day.

    Raises:
        DocumentError: the typesetter refuses it.

    """
    import typst  # noqa: PLC0415 - it loads slowly, and only PDF needs it

    words = WORDS[language]
    settings = {
        "title": title, "paper": PAPERS[paper], "header": header, "footer": footer, "page": words["page"], "of": words["of"],
        "language": language,
    }  # fmt: skip
    preamble = PREAMBLE.read_text("utf-8")
    for name, value in settings.items():
        preamble = preamble.replace(f"{{{name}}}", _literal(value))
    if sheet:
        preamble += SHEET.read_text("utf-8")
    source = preamble + _Writer(tree, pictures, words["notes"] if sheet else None).write()
    day = dt.datetime(as_of.year, as_of.month, as_of.day, tzinfo=dt.UTC)
    try:
        # The typesetter takes files that are no text only from a folder.
        with tempfile.TemporaryDirectory() as folder:
            for picture in pictures.values():
                (Path(folder) / f"{picture.name}.pdf").write_bytes(picture.to_pdf())
            (Path(folder) / "main.typ").write_text(source, "utf-8")
            content = typst.compile(
                Path(folder) / "main.typ", format="pdf", timestamp=int(day.timestamp()), ignore_system_fonts=True
            )
    except typst.TypstError as error:
        raise DocumentError(
            f"The typesetter refuses this document ({str(error).splitlines()[0]}); draft it as html."
        ) from None
    assert isinstance(content, bytes)
    return content


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(text: str) -> str:
    """Return a text as a literal."""
    return f"#{_literal(_breakable(text))}" if text else ""


def _breakable(text: str) -> str:
    return LONG_WORD.sub(lambda word: BREAKS.sub("\\g<0>\u200b", word[0]), text)


class _Writer:
    """Writes a tree. With a heading for them, notes stand at the end, and else at the foot of the page."""

    def __init__(self, tree: Tree, pictures: Pictures, notes: str | None) -> None:
        self._tree = tree
        self._pictures = pictures
        self._notes = notes
        self._noted: set[int] = set()

    def write(self) -> str:
        if self._notes is None:
            return self._blocks(self._tree.blocks)
        first, annex = split_sheet(self._tree.blocks)
        body = f"{self._blocks(first)}\n\n#pagebreak(weak: true)\n\n{self._blocks(annex)}"
        notes = (f"#note({number})[{self._blocks(blocks)}]" for number, blocks in sorted(self._tree.notes.items()))
        return f"{body}\n\n#notes({_literal(self._notes)})[{' '.join(notes)}]"

    def _blocks(self, nodes: Iterable[SyntaxTreeNode]) -> str:
        return "\n\n".join(self._block(node) for node in nodes)

    def _block(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "paragraph":
                return self._inlines(node.children)
            case "heading":
                return f"#heading(level: {node.tag[1]})[{self._inlines(node.children)}]"
            case "bullet_list":
                return f"#list({', '.join(f'[{self._blocks(item.children)}]' for item in node.children)})"
            case "ordered_list":
                items = ", ".join(f"[{self._blocks(item.children)}]" for item in node.children)
                return f"#enum(start: {node.attrs.get('start', 1)}, {items})"
            case "blockquote":
                inside = self._blocks(node.children)
                return f"#block(inset: (left: 9pt), stroke: (left: 1.5pt + luma(170)))[{inside}]"
            case "table":
                return self._table(node)
            case "hr":
                return "#line(length: 100%, stroke: 0.4pt + luma(160))"
            case "fence" | "code_block":
                return f"#raw(block: true, {_literal(node.content)})"
            case _:
                raise DocumentError(f"A document holds {node.type!r}, which no form of ours has; write it otherwise.")

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [row for part in node.children for row in part.children]
        widths = ", ".join(f"{weight}fr" for weight in weigh_columns(rows))
        cells = [[f"[{self._inlines(cell.children)}]" for cell in row.children] for row in rows]
        head = f"table.header({', '.join(cells[0])})"
        return f"#table(columns: ({widths},), {', '.join([head, *(cell for row in cells[1:] for cell in row)])})"

    def _inlines(self, nodes: Iterable[SyntaxTreeNode]) -> str:
        return "".join(self._inline(node) for node in nodes)

    def _inline(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "inline":
                return self._inlines(node.children)
            case "text":
                return _text(node.content)
            case "image":
                picture = find_picture(self._pictures, node.attrs["src"])
                return f'#picture("{picture.name}.pdf", {size_drawing(picture.height)}pt, {_literal(picture.says)})'
            case "softbreak" | "hardbreak" | "footnote_anchor":
                return WORDLESS[node.type]
            case "em":
                return f"#emph[{self._inlines(node.children)}]"
            case "strong":
                inside = self._inlines(node.children)
                if is_blank(node):
                    return f'#highlight(fill: rgb("#fff1a8"))[#strong[{inside}]]'
                return f"#strong[{inside}]"
            case "code_inline":
                return f"#raw({_literal(_breakable(node.content))})"
            case "link":
                return f"#link({_literal(str(node.attrs['href']))})[{self._inlines(node.children)}]"
            case "footnote_ref":
                return self._note(node.meta["id"] + 1)
            case _:
                raise DocumentError(f"A document holds {node.type!r}, which no form of ours has; write it otherwise.")

    def _note(self, number: int) -> str:
        if self._notes is not None:
            return f"#super[#link(<n{number}>)[{number}]]"
        if number in self._noted:
            return f"#footnote(<n{number}>)"
        self._noted.add(number)
        return f"#footnote[{self._blocks(self._tree.notes[number])}]<n{number}>"
