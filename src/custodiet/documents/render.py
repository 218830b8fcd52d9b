"""A document in one of its four forms. The same document gives the same bytes."""

from typing import Literal

from custodiet.documents.draft import Document
from custodiet.documents.markdown import escape
from custodiet.documents.to_html import to_html
from custodiet.documents.to_typst import to_pdf
from custodiet.documents.to_word import to_docx
from custodiet.documents.words import WORDS

Form = Literal["md", "html", "pdf", "docx"]
Paper = Literal["letter", "a4"]
FORMS: tuple[Form, ...] = ("docx", "pdf", "html", "md")


def render(document: Document, form: Form, *, paper: Paper = "letter") -> bytes:
    """Return a document as Markdown, as HTML that stands alone, as PDF, or as a Word file.

    Raises:
        DocumentError: a Word file without pandoc, or a program that refuses the document.

    """
    if form == "md":
        return _in_words(document).encode()
    tree = document.tree
    if form == "html":
        return to_html(tree, title=document.title, footer=document.footer, language=document.language,
                       pictures=document.pictures, sheet=document.kind.sheet)  # fmt: skip
    write = to_pdf if form == "pdf" else to_docx
    return write(
        tree, title=document.title, header=document.header, footer=document.footer, language=document.language, paper=paper,
        as_of=document.as_of, pictures=document.pictures, sheet=document.kind.sheet,
    )  # fmt: skip


def _in_words(document: Document) -> str:
    """Return its Markdown with what each drawing says in place of it: a file alone can hold no drawing, and asks for none."""
    text = document.markdown
    for picture in document.pictures.values():
        says = WORDS[document.language]["drawing"].format(says=escape(picture.says), command=picture.command)
        text = text.replace(f"![{escape(picture.says)}]({picture.name}.svg)", says)
    return text
