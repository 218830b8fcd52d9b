"""Pictures by which a link shows itself elsewhere (Open Graph): a title, one sentence, and which register it is from."""

from markupsafe import Markup

from custodiet.documents.drawings.letters import wrap
from custodiet.documents.drawings.signs import drawing, look, write
from custodiet.model.markup import tag
from custodiet.site.downloads import draw_png
from custodiet.site.site import Site
from custodiet.site.tables import build_rules

# What Open Graph's readers show whole.
WIDTH, HEIGHT, MARGIN = 1200, 630, 72
# Pages that people pass on; every other page shows the card of the front.
NOUNS = {"front": "Public record of surveillance AI", "rule": "A rule, and what it found"}
ABOUT = {
    "stack": "What data flows in, which steps of a case it serves, and what controls it.",
    "matrix": "What is declared, purchased, noticed and logged.",
}
KINDS = ("front", "system", "feed", "vendor", "rule", "stack", "matrix", "agency")


def draw_card(title: str, says: str, kind: str, mark: str) -> Markup:
    """Return the card of a page."""
    lines = wrap(title, WIDTH - 2 * MARGIN, 60, 3, bold=True)
    top = 196
    below = wrap(says, WIDTH - 2 * MARGIN, 30, 3)
    return drawing(
        WIDTH, HEIGHT, title, says,
        tag("rect", x=0, y=0, width=14, height=HEIGHT, **look("d-bar")),
        write(MARGIN, 104, kind, 28, of="d-soft"),
        *(write(MARGIN, top + 70 * number, line, 60, bold=True) for number, line in enumerate(lines)),
        *(write(MARGIN, top + 70 * len(lines) + 40 * number, line, 30, of="d-soft") for number, line in enumerate(below)),
        tag("path", d=f"M{MARGIN} {HEIGHT - 96}H{WIDTH - MARGIN}", stroke_width=2, **look("d-line")),
        write(MARGIN, HEIGHT - 48, "Custodiet", 30, bold=True),
        write(WIDTH - MARGIN, HEIGHT - 48, mark, 24, of="d-soft", anchor="end"),
        ident="card",
    )  # fmt: skip


def list_cards(site: Site) -> dict[str, tuple[str, str]]:
    """Return the path of every card with the kind and key of its page."""
    judged = set(build_rules(site))
    return {
        f"cards/{path.removesuffix('.html')}.png": (kind, key)
        for kind in KINDS
        for key, path in site.contents.get(kind, {}).items()
        # Vendors without a page in the catalogue, rules on query logs and lists show the card of the front.
        if key != "index" and (kind != "vendor" or key in site.slugs) and (kind != "rule" or key in judged)
    }


def draw_page_card(site: Site, kind: str, key: str) -> bytes:
    """Return the card of a page as a PNG."""
    title, says = _words(site, kind, key)
    return draw_png(draw_card(title, says, NOUNS.get(kind, kind.capitalize()), f"register {site.short_hash}"), scale=1)


def _words(site: Site, kind: str, key: str) -> tuple[str, str]:
    """Return a page's title and sentence, without gathering the page."""
    if kind == "front":
        return "What surveillance AI the government says it uses", "Published records, with the cell behind every value."
    if kind == "rule":
        return site.rules[key]["title"], site.rules[key]["checks"]
    if kind in ("stack", "matrix"):
        return f"The {kind} of {key}", ABOUT[kind]
    if kind == "agency":
        return site.agencies.get(key, key), "What it wrote into its inventories, and what they do not show."
    ((name, says),) = site.register.rows(
        'select p.name, (select arg_min(c.says, c."row") from claims c where c.slug = p.slug) from pages p '
        "where p.slug = $slug",
        {"slug": key},
    )
    return name, says or ""
