"""How wide a table's columns are, for the forms whose columns must be given widths."""

import math
from collections.abc import Sequence

from markdown_it.tree import SyntaxTreeNode

from custodiet.documents.markdown import plain

NARROWEST, WIDEST = 7, 60
# How wide a drawing is at most, in points: Letter paper on its side, less the margins of a sheet. And how high.
DRAWING_WIDEST, DRAWING_HIGHEST = 736, 530


def size_drawing(height: float) -> float:
    """Return the width in points at which a drawing is printed, given its height as a share of its width."""
    return round(min(DRAWING_WIDEST, DRAWING_HIGHEST / height), 1)


def split_sheet(blocks: Sequence[SyntaxTreeNode]) -> tuple[Sequence[SyntaxTreeNode], Sequence[SyntaxTreeNode]]:
    """Return the blocks of a sheet's first page, and those of its annex, which the first second-level heading begins."""
    at = next((number for number, block in enumerate(blocks) if block.tag == "h2"), len(blocks))
    return blocks[:at], blocks[at:]


def weigh_columns(rows: Sequence[SyntaxTreeNode]) -> list[int]:
    """Return a weight for each column of a table: by how much text it holds, so that prose gets room and words stay whole."""
    weights = []
    for position in range(len(rows[0].children)):
        texts = [plain(row.children[position]) for row in rows if position < len(row.children)]
        mean = sum(map(len, texts)) / len(texts)
        word = max((len(word) for text in texts for word in text.split()), default=0)
        # At least the longest word, which should not be broken; beyond that by how long cells are, tamed by a root.
        weights.append(max(NARROWEST, min(word + 2, 22), min(WIDEST, round(4 * math.sqrt(mean)))))
    return weights
