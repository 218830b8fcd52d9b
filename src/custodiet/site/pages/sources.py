"""Sources: each release with its hash, how complete it is, what was taken and left out, and words that no form knows."""

from collections.abc import Iterator, Sequence

from custodiet import questions
from custodiet.site.links import slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site

# Unknown words of a release that are shown.
SHOWN = 200


def keys(site: Site) -> list[tuple[str, str]]:
    """Return every release with the path of its page."""
    return [("index", "sources/index"), *slugs([(name, name) for name in site.releases], "sources")]


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of releases, and their list."""
    found = site.kept.get(("sources", ""))
    if found is None:
        found = site.kept["sources", ""] = {release["release"]: release for release in questions.sources(site.register)}
    for key in keys:
        if key == "index":
            yield Page(
                "sources/index.html", "Sources", "sources.html", {"sources": list(found.values())},
                about="Every file that was read: its hash, how much of it was taken, and how complete it is.",
                table="sources",
            )  # fmt: skip
            continue
        release = found[key]
        columns = site.register.dicts(
            "select letter, name, header, field, left_out, personal from release_columns where release = $release "
            "order by position",
            {"release": key},
        )
        yield Page(
            site.contents["release"][key],
            key,
            "source.html",
            {
                "release": release,
                "fields": columns,
                "unknown": release["unknown_values"][:SHOWN],
                "unknown_total": len(release["unknown_values"]),
            },
            about=f"{release['publisher']}: {release['title']}. {release['completeness_reason']}"[:300],
            words=release["file"],
            noun="release",
        )


KINDS = (Kind("release", keys, pages),)
