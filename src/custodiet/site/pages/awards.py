"""An award: what was obligated, when, to whom and for what, as the records of its actions say."""

from collections.abc import Iterator, Sequence

from custodiet import questions
from custodiet.site.links import slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site


def keys(site: Site) -> list[tuple[str, str]]:
    """Return every award with the path of its page."""
    return slugs(site.register.rows("select award, agency || ' ' || piid from awards order by award"), "awards")


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of awards."""
    for key in keys:
        (award,) = questions.award(site.register, key)
        yield Page(site.contents["award"][key], f"Award {award['piid']}", "award.html", {"award": award}, noun="award")


KINDS = (Kind("award", keys, pages),)
