"""How wide a text is, so that a drawing can break or cut it before it leaves its box."""

import functools

from custodiet.model.text import tidy

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
# Widths in thousandths of the size, from the metrics that Adobe published for Helvetica; Arial and Liberation share them.
_WIDTHS = {
    " ": 278, "!": 278, '"': 355, "#": 556, "$": 556, "%": 889, "&": 667, "'": 191, "(": 333, ")": 333, "*": 389, "+": 584,
    ",": 278, "-": 333, ".": 278, "/": 278, ":": 278, ";": 278, "<": 584, "=": 584, ">": 584, "?": 556, "@": 1015,
    "A": 667, "B": 667, "C": 722, "D": 722, "E": 667, "F": 611, "G": 778, "H": 722, "I": 278, "J": 500, "K": 667, "L": 556,
    "M": 833, "N": 722, "O": 778, "P": 667, "Q": 778, "R": 722, "S": 667, "T": 611, "U": 722, "V": 667, "W": 944, "X": 667,
    "Y": 667, "Z": 611, "a": 556, "b": 556, "c": 500, "d": 556, "e": 556, "f": 278, "g": 556, "h": 556, "i": 222, "j": 222,
    "k": 500, "l": 222, "m": 833, "n": 556, "o": 556, "p": 556, "q": 556, "r": 333, "s": 500, "t": 278, "u": 556, "v": 500,
    "w": 722, "x": 500, "y": 500, "z": 500, "…": 1000, "“": 333, "”": 333, "’": 222, "–": 556, "—": 1000, "·": 278,
}  # fmt: skip
# Bold letters are wider; a sign that the table lacks is taken for a wide one.
BOLD, UNKNOWN, CJK = 1.08, 700, 1000
FIRST_WIDE = "\u2e80"


@functools.cache
def _width(sign: str) -> int:
    return _WIDTHS.get(sign, 556 if sign.isdigit() else CJK if sign >= FIRST_WIDE else UNKNOWN)


def _scaled(thousandths: int, size: float, bold: bool) -> float:
    return thousandths * size / 1000 * (BOLD if bold else 1)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text in the unit of `size`, the height of the font."""
    return _scaled(sum(map(_width, text)), size, bold)


def fit(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text on one line that is no wider than `width`; one that is cut ends in an ellipsis."""
    line = tidy(text)
    used = length = 0
    # Sign by sign, and no further than it fits: an answer may have thousands.
    for place, sign in enumerate(line, start=1):
        used += _width(sign)
        if _scaled(used + _width("…"), size, bold) <= width:
            length = place
        if _scaled(used, size, bold) > width:
            return line[:length].rstrip(" ,;·") + "…"
    return line


def wrap(text: str, width: float, size: float, lines: int, *, bold: bool = False) -> list[str]:
    """Return a text on at most so many lines, none wider than `width`; the last is cut where there is more."""
    words, found = tidy(text).split(" "), [""]
    for position, word in enumerate(words):
        longer = f"{found[-1]} {word}".strip()
        if width_of(longer, size, bold=bold) <= width or not found[-1]:
            found[-1] = longer
        elif len(found) < lines:
            found.append(word)
        else:
            found[-1] = " ".join([found[-1], *words[position:]])
            break
    return [fit(line, width, size, bold=bold) for line in found]


def cut_words(text: str, length: int = 150) -> str:
    """Return a text for a hint: whole words of it, with an ellipsis where it is longer than the length."""
    line = tidy(text)
    return line if len(line) <= length else line[:length].rpartition(" ")[0].rstrip(" ,;:") + " …"
