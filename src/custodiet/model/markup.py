"""XML as text: built from tags and texts, where every text is escaped and nothing else can get in."""

import re
from typing import Any

from markupsafe import Markup, escape

# Signs that turn around what follows them (Unicode Standard Annex 9, section 2): with them, a text reads as another one.
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# These, and the signs that XML 1.0 can't hold, not even escaped (section 2.2); published files have some.
_UNSHOWN = re.compile("[^\t\n\r\x20-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The same, one by one: to look for each in a long page is several times faster than the pattern.
NEVER_SHOWN = (*TURNING, *(chr(sign) for sign in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))


def show_signs(text: str) -> str:
    """Return a text in which a sign that turns others around is named, and one that XML can't hold has a mark instead."""
    return _UNSHOWN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩" if sign[0] in TURNING else "�", text)


def plain_text(text: object) -> Markup:
    """Return a text escaped for XML, without the signs that XML can't hold. Markup of ours stays as it is."""
    return text if isinstance(text, Markup) else escape(show_signs(str(text)))


def tag(name: str, *children: object, **attributes: Any) -> Markup:
    """Return an element. Attributes that are None are left out; `class_` is `class`, `stroke_width` is `stroke-width`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{plain_text(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(plain_text(child) for child in children)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")  # noqa: S704 - all parts are escaped


def join(*parts: str) -> Markup:
    """Return parts one after the other."""
    return Markup("").join(parts)


def _number(value: object) -> object:
    # A tenth of a pixel is enough, and the same drawing gives the same bytes on every machine.
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
