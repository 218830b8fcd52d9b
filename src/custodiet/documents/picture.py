"""A drawing in a document: SVG for the forms that hold it, letters and all; a picture for Word; words for Markdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from custodiet.documents.drawings.letters import FONT
from custodiet.model.errors import DocumentError
from custodiet.model.markup import plain_text

# What letters are drawn with when a drawing is turned into another format: Helvetica's widths, and free to be embedded.
FREE_FONT = "Liberation Sans"
# How fine a picture for Word is: about 260 dots an inch where a drawing is as wide as Letter paper on its side.
SCALE = 2.0


@dataclass(frozen=True)
class Picture:
    """A drawing by its name, as SVG; what it says in words; and the command that draws it again."""

    name: str
    svg: str
    says: str
    command: str

    @property
    def height(self) -> float:
        """How high it is, as a share of its width."""
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', self.svg)
        if found is None:
            raise DocumentError(f"The drawing {self.name} does not say how large it is; give its SVG a viewBox from 0 0.")
        return float(found[2]) / float(found[1])

    def to_pdf(self) -> bytes:
        """Return it as a page of PDF, for the typesetter."""
        import vl_convert  # noqa: PLC0415 - loads slowly, and only a picture needs it

        return bytes(vl_convert.svg_to_pdf(self._with_free_font()))

    def to_png(self) -> bytes:
        """Return it as PNG, for Word."""
        import vl_convert  # noqa: PLC0415

        return bytes(vl_convert.svg_to_png(self._with_free_font(), scale=SCALE))

    def _with_free_font(self) -> str:
        # Whether a machine has Helvetica, another letter or none would change the bytes.
        return self.svg.replace(str(plain_text(FONT)), FREE_FONT)


Pictures = Mapping[str, Picture]


def find_picture(pictures: Pictures, address: object) -> Picture:
    """Return the picture that an image of a document is.

    Raises:
        DocumentError: it is none of the document's own drawings.

    """
    name = str(address).removesuffix(".svg")
    if name not in pictures:
        raise DocumentError(
            f"A document shows the image {name!r}, which it does not draw itself; print it with `picture(...)`."
        )
    return pictures[name]
