"""How wide a table's columns are, for the forms whose columns must be given widths."""

import math
from collections.abc import Sequence

from markdown_it.tree import SyntaxTreeNode

from custodiet.documents.markdown import plain

NARROWEST, WIDEST = 7, 60


def weigh_columns(rows: Sequence[SyntaxTreeNode]) -> list[int]:
    """Return a weight for each column of a table: by how much text it holds, so that prose gets room and words stay whole."""
    weights = []
    for position in range(len(rows[0].children)):
        texts = [plain(row.children[position]) for row in rows if position < len(row.children)]
        longest = max(len(text) for text in texts)
        word = max((len(word) for text in texts for word in text.split()), default=0)
        # Between the longest word, which should not be broken, and the whole cell on a line; a root tames long prose.
        weights.append(max(NARROWEST, min(word + 2, 22), min(WIDEST, round(4 * math.sqrt(longest)))))
    return weights
