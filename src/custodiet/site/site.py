"""A register as a site: which pages there are, where each stands, and what all of them share."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from custodiet import questions
from custodiet.model.errors import RegisterError
from custodiet.model.text import tidy
from custodiet.site.links import parts
from custodiet.site.page import Kind, Page
from custodiet.store import Register

HASH_LENGTH = 12
# Before anything was published: the day of a register without a dated release.
NO_DAY = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Options:
    """What varies from site to site: whether a server answers, the public address, and the folders beside the register."""

    is_served: bool = False
    base_url: str = ""
    audits: Path | None = None
    benches: Path | None = None
    replies: Path | None = None
    # What was kept of the register before this one, to say what changed.
    before: Mapping[str, Any] | None = None


class Site:
    """The pages of one register. Its table of contents is the only way to a page, so that no request reaches a file."""

    def __init__(self, register: Register, kinds: Sequence[Kind], options: Options | None = None) -> None:
        self.register = register
        self.options = options or Options()
        self.kinds = {kind.name: kind for kind in kinds}
        # What several pages read of and takes long to find, by a name of its own.
        self.kept: dict[tuple[str, str], Any] = {}

    @cached_property
    def fingerprint(self) -> str:
        """The hash of everything that the register was made from; a permalink carries its first characters."""
        rows = self.register.rows("select value from meta where key = 'fingerprint'")
        if not rows:
            raise RegisterError(f"{self.register.path}: the register has no fingerprint; run `custodiet build --fresh`.")
        return str(rows[0][0])

    @property
    def short_hash(self) -> str:
        """The part of the fingerprint that people copy."""
        return self.fingerprint[:HASH_LENGTH]

    @cached_property
    def newest_day(self) -> dt.date:
        """The day of the newest file, which dates the letters of a site: the same register gives the same letter."""
        ((day,),) = self.register.rows("select max(coalesce(collected, published)) from releases where status = 'read'")
        found: dt.date = day or NO_DAY
        return found

    def is_over(self, fiscal_year: int) -> bool:
        """Return whether a federal fiscal year, which ends with September, was over when the newest file was made."""
        return dt.date(fiscal_year, 9, 30) < self.newest_day

    @cached_property
    def releases(self) -> dict[str, dict[str, Any]]:
        """Every release by its name: file, hash, day, address."""
        rows = self.register.dicts(
            "select r.release, r.source, r.file, r.sha256, r.published, r.url, r.status, r.records, r.completeness, s.title "
            "from releases r join sources s using (source)"
        )
        return {row["release"]: row for row in rows}

    @cached_property
    def contents(self) -> dict[str, dict[str, str]]:
        """The path of every page, by kind and key."""
        return {name: {key: f"{path}.html" for key, path in kind.keys(self)} for name, kind in self.kinds.items()}

    @cached_property
    def places(self) -> dict[str, tuple[str, str]]:
        """The kind and key of every path."""
        found: dict[str, tuple[str, str]] = {}
        for kind, keys in self.contents.items():
            for key, path in keys.items():
                if path in found:
                    raise RegisterError(f"{path}: two pages would stand here, {found[path]} and {(kind, key)}.")
                found[path] = (kind, key)
        return found

    def path(self, kind: str, key: str | None) -> str | None:
        """Return the path of a page, or None where there is none."""
        return self.contents.get(kind, {}).get(key) if key is not None else None

    def page(self, kind: str, key: str) -> Page:
        """Return one page of the contents."""
        (page,) = self.kinds[kind].pages(self, [key])
        return page

    def pages(self, kind: str, keys: Sequence[str]) -> Iterator[Page]:
        """Give many pages of a kind, in the order of their keys."""
        return self.kinds[kind].pages(self, keys)

    def siblings(self, kind: str, name: str, total: int, length: int) -> list[dict[str, str]]:
        """Return the parts of a list, as its pager shows them."""
        keys = [key for key, _ in parts(name, "", total, length)]
        return [{"label": str(n), "path": self.contents[kind][key]} for n, key in enumerate(keys, start=1)]

    @cached_property
    def categories(self) -> dict[str, str]:
        """The names of the categories of what awards buy, by slug."""
        return dict(self.register.rows("select category, name from categories order by name"))

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """Every rule by its id."""
        return {rule["id"]: rule for rule in questions.rules(self.register)}

    @cached_property
    def columns(self) -> dict[tuple[str, str], tuple[str, str]]:
        """The letter and header of each column, by release and name."""
        rows = self.register.rows("select release, name, letter, header from release_columns")
        return {(release, name): (letter, tidy(header)) for release, name, letter, header in rows}

    @cached_property
    def vendors(self) -> dict[str, str]:
        """The key of the vendor's page, by the name under which a recipient was published, and by organisation."""
        rows = self.register.rows(
            "select n.name, coalesce(o.page, o.organisation) from organisation_names n join organisations o "
            "using (organisation) union all select organisation, coalesce(page, organisation) from organisations"
        )
        return dict(rows)

    def vendor_path(self, name: str) -> str | None:
        """Return the path of the page of a vendor, by a published name or an organisation's slug."""
        return self.path("vendor", self.vendors.get(name))

    @cached_property
    def slugs(self) -> dict[str, str]:
        """The kind of each page of the catalogue."""
        return dict(self.register.rows("select slug, kind from pages"))

    def page_path(self, slug: str) -> str | None:
        """Return the path of a page of the catalogue."""
        return self.path(self.slugs.get(slug, ""), slug)

    @cached_property
    def handles(self) -> dict[str, str]:
        """The key of each use case, by its handle."""
        return dict(self.register.rows("select handle, use_case_id from use_cases"))

    @cached_property
    def claims(self) -> dict[str, int]:
        """The place of each claim on its page, by its id."""
        return dict(self.register.rows('select claim, "row" from claims'))

    @cached_property
    def agencies(self) -> dict[str, str]:
        """The name of each agency that has an inventory, by its code, in the order of the names."""
        return dict(
            self.register.rows(
                "select agency, max_by(agency_name, inventory_year) as name from use_cases group by 1 order by 2"
            )
        )
