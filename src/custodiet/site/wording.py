"""Which words changed between two texts."""

import difflib
import re

# Below this share of common words, the two texts are shown whole: the marks would say nothing.
ALIKE = 0.35
LONGEST = 600


def mark_changes(before: str | None, after: str | None) -> list[tuple[str, str]] | None:
    """Return the later text as runs of words that are kept ("same"), new ("ins") or, from the earlier one, gone ("del").

    None where a text is missing, very long or of one word, or the two have too little in common.
    """
    old, new = _words(before), _words(after)
    if min(len(old), len(new)) < 2 or max(len(old), len(new)) > LONGEST:
        return None
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return None
    runs: list[tuple[str, str]] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            runs.append(("same", " ".join(new[c:d])))
            continue
        if a < b:
            runs.append(("del", " ".join(old[a:b])))
        if c < d:
            runs.append(("ins", " ".join(new[c:d])))
    return runs


def _words(text: str | None) -> list[str]:
    return re.findall(r"\S+", text or "")
