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
        mean = sum(map(len, texts)) / len(texts)
        word = max((len(word) for text in texts for word in text.split()), default=0)
        # At least the longest word, which should not be broken; beyond that by how long cells are, tamed by a root.
        weights.append(max(NARROWEST, min(word + 2, 22), min(WIDEST, round(4 * math.sqrt(mean)))))
    return weights
