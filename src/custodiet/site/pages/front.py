"""The front page: what the register holds, how complete it is, and the sharpest of what it shows."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.findings import findings_named
from custodiet.questions.matrix import OFFICES
from custodiet.site.bundles import DEPARTMENT, list_bundles
from custodiet.site.changes import Changes, changes_since
from custodiet.site.page import Kind, Page
from custodiet.site.pages.findings import place_of, subject_path
from custodiet.site.site import Site

# Rules whose gaps are the fewest of their kind, and about the largest matters: they lead, a few each.
LEADING = (
    "components-disagree",
    "system-bought-not-declared",
    "notice-missing",
    "vendor-withheld-but-bought",
    "answers-not-published",
    "m-25-21-appeal",
)
EACH = 2
# Gaps that opened, and gaps that closed, by name.
CHANGED = 8


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the front page."""
    for _ in keys:
        summary = questions.summarise(site.register)
        changes = changes_since(site)
        yield Page(
            "index.html",
            "What the government says of its surveillance AI, and what it leaves out",
            "front.html",
            {
                "sizes": _sizes(site),
                "sources": _sources(site),
                "claims": summary["catalogue"]["claims"],
                "leading": _leading(site),
                "changes": changes,
                "changed": _changed(site, changes) if changes else None,
                "bundles": [(key, path) for path, (kind, key) in list_bundles(site).items() if key in (*OFFICES, DEPARTMENT)],
            },
            about="Published records of government surveillance AI, held against the duties to publish, cited to the cell.",
        )


def _sizes(site: Site) -> list[tuple[int, str, str]]:
    """Return how many things of each kind there are, with the path of their list."""
    contents = site.contents
    return [
        (len(contents["system"]), "systems", "systems/index.html"),
        (len(contents["use-case"]), "use cases", "use-cases/index.html"),
        (len(contents["vendor"]), "vendors", "vendors/index.html"),
        (len(contents["award"]), "awards", "awards/index.html"),
        (len(contents["notice"]), "privacy notices", "notices/index.html"),
        (len(contents["feed"]), "data feeds", "feeds/index.html"),
        (len(site.rules), "rules", "rules/index.html"),
        (len(contents["finding"]), "gaps", "findings/index.html"),
    ]


def _sources(site: Site) -> list[dict[str, Any]]:
    """Return, for each source, how many of its releases are whole."""
    return site.register.dicts(
        """
        select s.source, s.title, count(*) as releases, sum(r.records) as records,
          count(*) filter (r.status = 'read' and r.completeness = 'complete') as complete,
          count(*) filter (r.status <> 'read') as missing
        from releases r join sources s using (source) group by all order by s.title
        """
    )


def _leading(site: Site) -> list[dict[str, Any]]:
    """Return a few gaps of each leading rule, those of systems in the catalogue first."""
    rows = site.register.rows(
        """
        select finding from (
          select finding, rule, row_number() over (
            partition by rule order by subject_kind <> 'system', coalesce(bureau, '') not in ('ICE', 'CBP', 'CBP and ICE'),
              finding) as place
          from findings where outcome = 'gap' and rule in (select unnest($rules))
        ) where place <= $each
        """,
        {"rules": list(LEADING), "each": EACH},
    )
    found = findings_named(site.register, [name for (name,) in rows])
    found.sort(key=lambda finding: LEADING.index(finding["rule"]))
    return [{**finding, "subject_path": subject_path(site, finding["subject"])} for finding in found]


def _changed(site: Site, changes: Changes) -> dict[str, list[dict[str, Any]]]:
    """Return the first gaps that opened and that closed, by name; what closed says what the rule answers now."""
    shown = {"opened": changes.opened[:CHANGED], "closed": changes.closed[:CHANGED]}
    found = {each["id"]: each for each in findings_named(site.register, [name for names in shown.values() for name in names])}
    return {
        kind: [
            {"says": found[name]["subject"]["name"], "rule": site.rules[found[name]["rule"]]["title"],
             "now": found[name]["outcome"].replace("-", " "), "path": place_of(site, found[name])}
            if name in found
            # Its rule or its subject is no longer here, and the register before is not at hand.
            else {"says": name, "rule": "", "now": "no longer judged", "path": None}
            for name in names
        ]
        for kind, names in shown.items()
    }  # fmt: skip


KINDS = (Kind("front", lambda _: [("front", "index")], pages),)
