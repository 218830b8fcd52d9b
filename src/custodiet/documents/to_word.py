"""A document as a Word file: the tree as pandoc's own syntax tree, made into .docx by pandoc, a program of its own."""

import datetime as dt
import io
import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as escape_xml

from markdown_it.tree import SyntaxTreeNode

from custodiet.documents.layout import size_drawing, split_sheet, weigh_columns
from custodiet.documents.markdown import Tree, is_blank
from custodiet.documents.picture import Pictures, find_picture
from custodiet.documents.words import WORDS, Language
from custodiet.model.errors import DocumentError

PARTS = Path(__file__).parent / "templates" / "word"
API = [1, 23, 1]
NO_ATTRIBUTES: list[Any] = ["", [], []]
# Zip files hold no day before this one.
FIRST_DAY = dt.date(1980, 1, 1)
# Page sizes in twentieths of a point.
PAPERS = {"letter": (12240, 15840), "a4": (11906, 16838)}
# What a page looks like: margins in twentieths of a point, and sizes of letters in half points.
Look = dict[str, str]
UPRIGHT: Look = {
    "top": "1360", "side": "1360", "bottom": "1300", "head": "680", "foot": "620", "size": "22", "h1": "34", "h2": "26",
    "table": "19", "after": "120", "line": "264", "cell": "108", "compact": "40", "note": "17", "code": "18",
}  # fmt: skip
SHEET: Look = {
    "top": "520", "side": "560", "bottom": "600", "head": "240", "foot": "300", "size": "17", "h1": "30", "h2": "22",
    "table": "14", "after": "60", "line": "240", "cell": "60", "compact": "10", "note": "13", "code": "13",
}  # fmt: skip
TIME_LIMIT = 60
BARE_ROW = re.compile(rb"<w:tr>\s*(?!\s*<w:trPr>)(?=<w:tc>)")

Json = dict[str, Any]
WORDLESS: dict[str, list[Json]] = {"softbreak": [{"t": "Space"}], "hardbreak": [{"t": "LineBreak"}], "footnote_anchor": []}


def to_docx(
    tree: Tree, *, title: str, header: str, footer: str, language: Language, paper: str, as_of: dt.date, pictures: Pictures,
    sheet: bool,
) -> bytes:  # fmt: skip
    """Return the document as .docx, dated by its own day.

    Raises:
        DocumentError: pandoc is not installed, or fails.

    """
    program = _find_pandoc()
    tag = {"en": "en-US", "es": "es-US"}[language]
    syntax = {
        "pandoc-api-version": API,
        "meta": {"lang": {"t": "MetaString", "c": tag}},
        "blocks": _Writer(tree, pictures, WORDS[language]["notes"] if sheet else None).write(),
    }
    day = max(as_of, FIRST_DAY)
    moment = int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
    with tempfile.TemporaryDirectory() as folder:
        reference, made = Path(folder) / "reference.docx", Path(folder) / "made.docx"
        reference.write_bytes(_reference(header, footer, language, paper, tag, sheet=sheet))
        for picture in pictures.values():
            (Path(folder) / f"{picture.name}.png").write_bytes(picture.to_png())
        command = [
            program, "--from", "json", "--to", "docx", "--reference-doc", str(reference), "--output", str(made),
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - our own arguments
                command, input=json.dumps(syntax).encode(), capture_output=True, timeout=TIME_LIMIT, check=False, cwd=folder,
                env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DocumentError(f"pandoc can't be run ({type(error).__name__}); choose pdf, html or md.") from None
        if done.returncode != 0:
            said = " ".join(done.stderr.decode(errors="replace").split())[:200]
            raise DocumentError(f"pandoc made no Word file ({said}); choose pdf, html or md.")
        return _settle(made.read_bytes(), title, day)


def _find_pandoc() -> str:
    try:
        import pypandoc  # noqa: PLC0415 - it is an extra
    except ImportError:
        raise DocumentError(
            "A Word file needs pandoc; install it with `pip install 'custodiet[word]'`, or choose pdf, html or md."
        ) from None
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError:
        raise DocumentError(
            "A Word file needs the program pandoc; install `custodiet[word]` anew, or choose pdf, html or md."
        ) from None


def _reference(header: str, footer: str, language: Language, paper: str, tag: str, *, sheet: bool) -> bytes:
    """Return the file that pandoc takes styles, page size, header and footer from."""
    words = WORDS[language]
    short, long = PAPERS[paper]
    width, height = (long, short) if sheet else (short, long)
    look = SHEET if sheet else UPRIGHT
    values = {
        **look, "right": str(width - 2 * int(look["side"])), "turned": "landscape" if sheet else "portrait",
        "header": header, "footer": footer, "page": words["page"], "of": words["of"], "width": str(width),
        "height": str(height), "tag": tag,
    }  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(path for path in PARTS.rglob("*") if path.is_file()):
            text = path.read_text("utf-8")
            for name, value in values.items():
                text = text.replace(f"{{{{{name}}}}}", escape_xml(value))
            # Packagers leave files out whose name is nothing but an extension; this one is kept under a plain name.
            place = path.relative_to(PARTS).as_posix().replace("_rels/rels.xml", "_rels/.rels")
            archive.writestr(zipfile.ZipInfo(place), text)
    return stream.getvalue()


def _settle(content: bytes, title: str, day: dt.date) -> bytes:
    """Return the file with its members dated by the document's day, in pandoc's order, and its title in its properties."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in made.infolist():
            text = made.read(member)
            if member.filename == "docProps/core.xml":
                text = text.replace(b"<dc:title></dc:title>", f"<dc:title>{escape_xml(title)}</dc:title>".encode())
                text = text.replace(b"<dc:title />", f"<dc:title>{escape_xml(title)}</dc:title>".encode())
            if member.filename == "word/document.xml":
                # A row stays on one page; pandoc has no word for that.
                text = BARE_ROW.sub(rb"\g<0><w:trPr><w:cantSplit/></w:trPr>", text)
            settled = zipfile.ZipInfo(member.filename, (day.year, day.month, day.day, 0, 0, 0))
            settled.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(settled, text)
    return stream.getvalue()


def _node(kind: str, content: Any = None) -> Json:
    return {"t": kind} if content is None else {"t": kind, "c": content}


def _strings(text: str) -> list[Json]:
    """Return a text as pandoc's words and spaces."""
    parts: list[Json] = []
    for number, word in enumerate(text.split(" ")):
        parts += [_node("Space")] if number else []
        parts += [_node("Str", word)] if word else []
    return parts


def _styled(style: str, inlines: list[Json]) -> Json:
    return _node("Div", [["", [], [["custom-style", style]]], [_node("Para", inlines)]])


def _on_new_page(heading: Json) -> Json:
    """Return a heading of the second level as one that begins a page: a break of its own could need a page for itself."""
    return _styled("Annex", heading["c"][2])


class _Writer:
    """Writes a tree. With a heading for them, notes stand at the end, and else at the foot of the page."""

    def __init__(self, tree: Tree, pictures: Pictures, notes: str | None) -> None:
        self._tree = tree
        self._pictures = pictures
        self._notes = notes
        self._noted: set[int] = set()

    def write(self) -> list[Json]:
        if self._notes is None:
            return self._blocks(self._tree.blocks)
        first, annex = split_sheet(self._tree.blocks)
        heading = _node("Header", [2, NO_ATTRIBUTES, _strings(self._notes)])
        notes = [self._end_note(number, blocks) for number, blocks in sorted(self._tree.notes.items())]
        return [*self._blocks(first), *map(_on_new_page, self._blocks(annex[:1])), *self._blocks(annex[1:]), heading, *notes]

    def _end_note(self, number: int, blocks: Iterable[SyntaxTreeNode]) -> Json:
        """Return a note as a paragraph that references lead to."""
        mark = _node("Span", [[f"note-{number}", [], []], [_node("Str", f"{number}."), _node("Space")]])
        inside = [inline for block in self._blocks(blocks) for inline in block["c"]]
        return _styled("End Note", [mark, *inside])

    def _blocks(self, nodes: Iterable[SyntaxTreeNode]) -> list[Json]:
        return [self._block(node) for node in nodes]

    def _block(self, node: SyntaxTreeNode) -> Json:
        match node.type:
            case "paragraph":
                return _node("Para", self._inlines(node.children))
            case "heading":
                return _node("Header", [int(node.tag[1]), NO_ATTRIBUTES, self._inlines(node.children)])
            case "bullet_list":
                return _node("BulletList", [self._blocks(item.children) for item in node.children])
            case "ordered_list":
                style = [int(node.attrs.get("start", 1)), _node("Decimal"), _node("Period")]
                return _node("OrderedList", [style, [self._blocks(item.children) for item in node.children]])
            case "blockquote":
                return _node("BlockQuote", self._blocks(node.children))
            case "table":
                return self._table(node)
            case "hr":
                return _node("HorizontalRule")
            case "fence" | "code_block":
                return _node("CodeBlock", [NO_ATTRIBUTES, node.content])
            case _:
                raise DocumentError(f"A document holds {node.type!r}, which no form of ours has; write it otherwise.")

    def _table(self, node: SyntaxTreeNode) -> Json:
        rows = [row for part in node.children for row in part.children]
        weights = weigh_columns(rows)
        columns = [[_node("AlignLeft"), _node("ColWidth", round(weight / sum(weights), 4))] for weight in weights]
        made = [[NO_ATTRIBUTES, [self._cell(cell) for cell in row.children]] for row in rows]
        head, body = [NO_ATTRIBUTES, made[:1]], [[NO_ATTRIBUTES, 0, [], made[1:]]]
        return _node("Table", [NO_ATTRIBUTES, [None, []], columns, head, body, [NO_ATTRIBUTES, []]])

    def _cell(self, node: SyntaxTreeNode) -> list[Any]:
        return [NO_ATTRIBUTES, _node("AlignDefault"), 1, 1, [_node("Plain", self._inlines(node.children))]]

    def _inlines(self, nodes: Iterable[SyntaxTreeNode]) -> list[Json]:
        return [made for node in nodes for made in self._inline(node)]

    def _inline(self, node: SyntaxTreeNode) -> list[Json]:
        match node.type:
            case "inline":
                return self._inlines(node.children)
            case "text":
                return _strings(node.content)
            case "image":
                picture = find_picture(self._pictures, node.attrs["src"])
                size = [["width", f"{size_drawing(picture.height) / 72:.3f}in"]]
                image = _node("Image", [["", [], size], _strings(picture.says), [f"{picture.name}.png", ""]])
                return [image, _node("LineBreak")]
            case "softbreak" | "hardbreak" | "footnote_anchor":
                return WORDLESS[node.type]
            case "em":
                return [_node("Emph", self._inlines(node.children))]
            case "strong":
                inside = self._inlines(node.children)
                if is_blank(node):
                    return [_node("Span", [["", [], [["custom-style", "Blank"]]], inside])]
                return [_node("Strong", inside)]
            case "code_inline":
                return [_node("Code", [NO_ATTRIBUTES, node.content])]
            case "link":
                inside = self._inlines(node.children)
                return [_node("Link", [NO_ATTRIBUTES, inside, [str(node.attrs["href"]), ""]])]
            case "footnote_ref":
                return self._note(node.meta["id"] + 1)
            case _:
                raise DocumentError(f"A document holds {node.type!r}, which no form of ours has; write it otherwise.")

    def _note(self, number: int) -> list[Json]:
        """Return a footnote; where it stood before, a reference to that one, as Word's own field."""
        if self._notes is not None:
            return [
                _node("Superscript", [_node("Link", [NO_ATTRIBUTES, [_node("Str", str(number))], [f"#note-{number}", ""]])])
            ]
        mark = f"Note{number}"
        if number in self._noted:
            style = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
            field = (
                f'<w:r>{style}<w:fldChar w:fldCharType="begin"/></w:r>'
                f'<w:r>{style}<w:instrText xml:space="preserve"> NOTEREF {mark} \\f \\h </w:instrText></w:r>'
                f'<w:r>{style}<w:fldChar w:fldCharType="separate"/></w:r><w:r>{style}<w:t>{number}</w:t></w:r>'
                f'<w:r>{style}<w:fldChar w:fldCharType="end"/></w:r>'
            )
            return [_node("RawInline", ["openxml", field])]
        self._noted.add(number)
        begin = f'<w:bookmarkStart w:id="{9000 + number}" w:name="{mark}"/>'
        end = f'<w:bookmarkEnd w:id="{9000 + number}"/>'
        note = _node("Note", self._blocks(self._tree.notes[number]))
        return [_node("RawInline", ["openxml", begin]), note, _node("RawInline", ["openxml", end])]
