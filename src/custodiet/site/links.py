"""The addresses of pages, in one place: relative, so that the site works under any sub-path and from a disk."""

import hashlib
import re

from custodiet.model.text import fold_name

# Sections of the site as its head names them.
SECTIONS = (
    ("Systems", "systems/index.html"),
    ("Use cases", "use-cases/index.html"),
    ("Vendors", "vendors/index.html"),
    ("Awards", "awards/index.html"),
    ("Findings", "findings/index.html"),
    ("Agencies", "agencies/index.html"),
    ("Matrix", "matrix/index.html"),
    ("Stack", "stacks/index.html"),
    ("Years", "years/index.html"),
    ("Sources", "sources/index.html"),
    ("Rules", "rules/index.html"),
)

# What a server has besides, and a published site has not.
SERVED_SECTIONS = (("Audits", "audits/index.html"), ("Benches", "benches/index.html"))

SLUG_LENGTH = 100


def slug(text: str) -> str:
    """Return a text as a part of an address: lower case letters, digits, and single hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold_name(text)).strip("-")
    if plain and len(plain) <= SLUG_LENGTH:
        return plain
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{plain[:SLUG_LENGTH].rstrip('-')}-{mark}".strip("-")


def slugs(keys: list[tuple[str, str]], folder: str) -> list[tuple[str, str]]:
    """Return each key with a path of its own in a folder, from pairs of a key and the text that names it.

    Where two texts have one slug, both get a mark made from their keys, so that no page moves when another comes.
    """
    named = [(key, slug(text)) for key, text in keys]
    seen: dict[str, int] = {}
    for _, name in named:
        seen[name] = seen.get(name, 0) + 1
    return [
        (key, f"{folder}/{name}" if seen[name] == 1 else f"{folder}/{name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}")
        for key, name in named
    ]


# Where a sentence about what went wrong stands: at whatever address was asked for, so only a whole path leads on from there.
FAULT = "/fault.html"


def root_of(path: str) -> str:
    """Return the way from a page to the site's root: "" for a page in the root, "../" for one in a folder, "/" for FAULT."""
    return "/" if path.startswith("/") else "../" * path.count("/")


def parts(name: str, path: str, total: int, length: int) -> list[tuple[str, str]]:
    """Return the keys and paths of a list that is shown in parts of some length: "ice-fy2024", "ice-fy2024#2", and so on."""
    count = max(1, -(-total // length))
    return [(name if n == 1 else f"{name}#{n}", path if n == 1 else f"{path}-{n}") for n in range(1, count + 1)]


def part(key: str) -> tuple[str, int]:
    """Return the name of a list and the number of its part, from the key of one."""
    found = re.fullmatch(r"(.*?)(?:#(\d+))?", key, re.DOTALL)
    assert found
    return found[1], int(found[2] or 1)
