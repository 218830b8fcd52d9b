"""The chain of evidence of an organisation or a system: companies, contracts, systems, notices. It takes no person's name."""

from collections.abc import Sequence
from typing import Any

from custodiet.model.words import EXTENDED
from custodiet.questions.findings import findings_of_page
from custodiet.questions.subjects import Subject, find_subject
from custodiet.store import Register
from custodiet.store.database import quoted

# In the order in which a reader follows the chain.
SECTIONS = (
    "names",
    "relations",
    "money",
    "awards",
    "named in awards to others",
    "systems",
    "feeds",
    "use cases",
    "notices",
    "authorities",
    "claims",
    "findings",
)
# Claims that answer what was bought, run and used, and what is not known; the rest is on the page (`show`).
ABOUT = ("identity", "procured", "deployed", "used", "content", "disputed", "unknown")
BASIS_GRADES = {"identifier": "Known", "same-name": "Known", "alias": "Likely", "judgement": "Inferred"}


def trace(register: Register, name: str) -> dict[str, Any]:
    """Return what is on record of an organisation or a system, line by line: `section`, `text`, `grade`, `citation`.

    A citation is a cell (`{release, row, column}`) or an address. What rests on words of descriptions is *Inferred*.

    Raises:
        QuestionError: nothing of that name, or several things.

    """
    subject = find_subject(register, name)
    gather = _of_organisation if subject.kind == "organisation" else _of_system
    lines = gather(register, subject)
    order = {section: number for number, section in enumerate(SECTIONS)}
    lines.sort(key=lambda line: order[line["section"]])
    return {"kind": subject.kind, "id": subject.id, "name": subject.name, "page": subject.page, "lines": lines}


def dollars(amount: Any) -> str:
    """Return an amount as people write it: $1,000.00, or -$1,000.00 where money is taken back."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _line(section: str, text: str, grade: str, citation: Any) -> dict[str, Any]:
    return {"section": section, "text": text, "grade": grade, "citation": citation}


def _of_organisation(register: Register, subject: Subject) -> list[dict[str, Any]]:
    organisations = list(subject.organisations)
    awards = register.dicts(
        """
        select distinct a.award, a.agency, a.piid from awards a, unnest(a.recipients) as r(recipient)
        join organisation_names n on n.name = r.recipient where n.organisation in (select unnest($organisations)) order by all
        """,
        {"organisations": organisations},
    )
    keys = [award["award"] for award in awards]
    naming = _naming(register, organisations, keys)
    systems = _linked(register, "vendors", subject.page)
    return [
        *_names(register, organisations, subject.page),
        *_relations(register, organisations, subject.page),
        *money_lines(register, keys, organisations),
        *_award_lines(register, keys),
        *_others(register, organisations, naming),
        *(line | {"section": "named in awards to others", "grade": "Inferred"} for line in money_lines(register, naming)),
        *_pages("systems", systems),
        *_pages("feeds", _linked(register, "suppliers", subject.page)),
        *_use_cases(register, "organisation", organisations, []),
        *_claims(register, [slug for slug in (subject.page, *(slug for slug, _ in systems)) if slug]),
        *_findings(register, [*keys, *naming], subject.page),
    ]


def _of_system(register: Register, subject: Subject) -> list[dict[str, Any]]:
    slug = subject.id
    keys = [
        key
        for (key,) in register.rows(
            "select distinct award from award_categories where system = $slug order by 1", {"slug": slug}
        )
    ]
    links = register.rows(
        "select l.relation, p.slug, p.name, p.fields->>'type' from page_links l join pages p on p.slug = l.target "
        "where l.slug = $slug order by p.rowid",
        {"slug": slug},
    )
    vendors = [(target, name) for relation, target, name, _ in links if relation == "vendors"]
    feeds = [(target, name) for relation, target, name, _ in links if relation == "feeds"]
    papers = sorted(
        (target, f"{name} ({kind})", kind in ("pia", "sorn"))
        for relation, target, name, kind in links
        if relation == "authorities"
    )
    return [
        *_pages("relations", [(vendor, f"sold or run by {shown}") for vendor, shown in vendors]),
        *money_lines(register, keys),
        *_award_lines(register, keys),
        *_pages("feeds", feeds),
        *_use_cases(register, "system", [slug], [slug]),
        *_pages("notices", [(paper, shown) for paper, shown, is_notice in papers if is_notice]),
        *_pages("authorities", [(paper, shown) for paper, shown, is_notice in papers if not is_notice]),
        *_claims(register, [slug]),
        *_findings(register, keys, slug),
    ]


def _place(register: Register, release: str | None, row: int | None, url: str | None, sought: str) -> Any:
    """Return the cell of a record that holds a name or an identifier, or the address where there is no record."""
    if release is None:
        return url
    ((record,),) = register.rows(f"select t from raw.{quoted(release)} t where _row = $row", {"row": row})
    held = [column for column, text in record.items() if column != "_row" and " ".join((text or "").split()) == sought]
    return {"release": release, "row": row, "column": held[0] if held else next(name for name in record if name != "_row")}


def _names(register: Register, organisations: list[str], slug: str | None) -> list[dict[str, Any]]:
    page = {"release": "catalogue", "row": 1, "column": slug} if slug else None
    if page is None:
        # A name that only the table of aliases has stands on the award that shows the relation.
        shown = register.rows(
            'select o.name, min(r.release), arg_min(r."row", r.release) from organisation_relations r '
            "join organisations o on o.organisation = r.organisation "
            "where r.other in (select unnest($organisations)) and r.release is not null group by o.name order by 2 limit 1",
            {"organisations": organisations},
        )
        page = _place(register, shown[0][1], shown[0][2], None, shown[0][0]) if shown else None
    names = register.rows(
        """
        select name, basis, reason, release, "row", url from organisation_names
        where organisation in (select unnest($organisations)) order by basis <> 'identifier', name
        """,
        {"organisations": organisations},
    )
    ids = register.rows(
        'select scheme, id, min(release), arg_min("row", release) from organisation_ids '
        "where organisation in (select unnest($organisations)) group by all order by all",
        {"organisations": organisations},
    )
    lines = [
        _line(
            "names",
            f"{name} ({basis}: {reason})",
            BASIS_GRADES[basis] if release or url else "Likely",
            _place(register, release, row, url, name) or page,
        )
        for name, basis, reason, release, row, url in names
    ]
    return lines + [
        _line("names", f"{scheme.upper()} {value}", "Known", _place(register, release, row, None, value))
        for scheme, value, release, row in ids
    ]


def _relations(register: Register, organisations: list[str], slug: str | None) -> list[dict[str, Any]]:
    # A relation that a claim shows has no record of its own; the page has the claim.
    page = {"release": "catalogue", "row": 1, "column": slug} if slug else None
    rows = register.rows(
        """
        select r.organisation, o.name, r.relation, r.other, coalesce(p.name, r.other), r.since, r.basis, r.reason,
          r.release, r."row", r.url
        from organisation_relations r
        left join organisations o on o.organisation = r.organisation left join organisations p on p.organisation = r.other
        where (r.organisation in (select unnest($organisations)) or r.other in (select unnest($organisations)))
        order by r.relation, r.since, r.organisation, r.other
        """,
        {"organisations": organisations},
    )
    words = {
        "parent": "{one} has the parent {other}", "successor": "{one} was followed by {other}",
        "reseller-of": "{one} sells products of {other}",
    }  # fmt: skip
    lines = []
    for _, one, relation, _, other, since, basis, reason, release, row, url in rows:
        text = (
            words[relation].format(one=one, other=other)
            + (f" ({'as recorded on' if basis == 'identifier' else 'since'} {since})" if since else "")
            + f": {reason}"
        )
        place = _place(register, release, row, url, one)
        grade = "Inferred" if relation == "reseller-of" or place is None else BASIS_GRADES[basis]
        lines.append(_line("relations", text, grade, place or page))
    return lines


def money_lines(register: Register, keys: list[str], organisations: list[str] | None = None) -> list[dict[str, Any]]:
    """Return what awards obligated by bureau and fiscal year, each with the completeness of the year.

    Of an organisation only the actions under its own names count: an award may have passed from one firm to another.
    """
    if not keys:
        return []
    rows = register.rows(
        """
        with t as materialized (select * from transactions where piid in $piids)
        select t.agency, t.fiscal_year, count(distinct award_id(t.award_key, t.agency, t.piid)), count(*),
          sum(t.obligation)::decimal(18, 2), bool_or(p.is_truncated), min(t.release), arg_min(t."row", (t.release, t."row"))
        from t
        join release_parts p on p.release = t.release and p.agency = t.agency and p.fiscal_year = t.fiscal_year
        where t.is_current and not t.repeats and award_id(t.award_key, t.agency, t.piid) in (select unnest($keys))
          and ($organisations is null or t.recipient in (
            select name from organisation_names where organisation in (select unnest($organisations))))
        group by all order by all
        """,
        {"keys": keys, "organisations": organisations, "piids": piids_of(register, keys)},
    )
    return [
        _line(
            "money",
            f"{agency} FY{year}: {dollars(amount)} obligated in {_counted(actions, 'action')} of {_counted(awards, 'award')}"
            + (" (the file of that year is cut off: the sum lacks actions)" if cut else ""),
            "Known",
            {"release": release, "row": row, "column": "Federal Action Obligation"},
        )
        for agency, year, awards, actions, amount, cut, release, row in rows
    ]


def piids_of(register: Register, keys: Sequence[str]) -> list[str]:
    """Return the numbers of awards, by which their actions are found in the large table of all actions."""
    return [piid for (piid,) in register.rows("select distinct piid from awards where award in $keys", {"keys": list(keys)})]


def _award_lines(register: Register, keys: list[str]) -> list[dict[str, Any]]:
    if not keys:
        return []
    rows = register.rows(
        """
        with a as materialized (select * from awards where award in $keys),
        t as materialized (select * from transactions where piid in $piids),
        words as (
          select award, string_agg(distinct coalesce(product, category), ', ' order by coalesce(product, category))
              filter (basis <> 'maker') as shows,
            string_agg(distinct product, ', ' order by product) filter (basis = 'maker') as makes
          from award_categories where award in $keys group by award
        ),
        longer as (
          select award_id(t.award_key, t.agency, t.piid) as award,
            max_by(t.action_date || ' ' || t.description, (t.action_date, t.modification)) as extended
          from t where t.is_current and regexp_matches(t.description, $extended) group by 1
        )
        select a.agency, a.piid, a.first_action, a.last_action, a.obligations, a.actions, a.description, a.citation,
          a.recipients, words.shows, words.makes, longer.extended
        from a left join words using (award) left join longer using (award) order by a.obligations desc, a.award
        """,
        {"keys": keys, "piids": piids_of(register, keys), "extended": EXTENDED},
    )
    lines = []
    for agency, piid, first, last, amount, actions, description, citation, recipients, shows, makes, extended in rows:
        text = (
            f"{agency} {piid}, {first}"
            + (f" to {last}" if last != first else "")
            + f": {dollars(amount)} in {_counted(actions, 'action')}"
        )
        text += f", {' / '.join(recipients)}: {' '.join((description or 'no description').split())}"
        # What words show is an inference beside the record, and said to be one.
        if shows:
            text += f" [by its words: {shows}]"
        if makes:
            text += f" [to the maker of: {makes}]"
        if extended:
            text += f" [extended: {' '.join(extended.split())}]"
        lines.append(_line("awards", text, "Known", citation))
    return lines


def _naming(register: Register, organisations: list[str], own: list[str]) -> list[str]:
    """Return awards to others whose text names a product of these makers."""
    rows = register.rows(
        """
        select distinct c.award from award_categories c join product_makers m using (product)
        where c.basis = 'product' and m.organisation in (select unnest($organisations))
          and c.award not in (select unnest($own))
        order by 1
        """,
        {"organisations": organisations, "own": own},
    )
    return [key for (key,) in rows]


def _others(register: Register, organisations: list[str], keys: list[str]) -> list[dict[str, Any]]:
    """Return who got awards whose text names a product of these makers: it may be sold there, or only spoken of."""
    rows = register.rows(
        """
        select array_to_string(a.recipients, ' / ') as seller, string_agg(distinct a.agency, ' and '),
          count(distinct a.award),
          sum(a.obligations)::decimal(18, 2), min(a.first_action), max(a.last_action), string_agg(distinct product, ', '),
          arg_max(c.citation, a.obligations)
        from (
          select award, string_agg(distinct c.product, ', ') as product, min(c.citation) as citation
          from award_categories c join product_makers m using (product)
          where c.basis = 'product' and m.organisation in (select unnest($organisations)) group by award
        ) c
        join awards a using (award) where a.award in (select unnest($keys)) group by seller order by 4 desc
        """,
        {"organisations": organisations, "keys": keys},
    )
    return [
        _line(
            "named in awards to others",
            f"{agencies} to {seller}: {products} in {_counted(count, 'award')}, {first} to {last}, "
            f"{dollars(amount)} obligated",
            "Inferred",
            citation,
        )
        for seller, agencies, count, amount, first, last, products, citation in rows
    ]


def _linked(register: Register, relation: str, page: str | None) -> list[tuple[str, str]]:
    """Return pages that name this page under a relation."""
    rows = register.rows(
        "select p.slug, p.name from page_links l join pages p on p.slug = l.slug "
        "where l.target = $page and l.relation = $relation order by all",
        {"page": page, "relation": relation},
    )
    return [(slug, name) for slug, name in rows]


def _pages(section: str, pages: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [_line(section, name, "Likely", {"release": "catalogue", "row": 1, "column": slug}) for slug, name in pages]


def _use_cases(register: Register, kind: str, names: list[str], pages: list[str]) -> list[dict[str, Any]]:
    rows = register.rows(
        """
        select u.inventory_year, u.handle, u.bureau, u.name, u.stage.value, string_agg(distinct m.field, ',
          ' order by m.field), min(m.citation)
        from entry_mentions m join use_cases u using (use_case_id)
        where m.kind = $kind and m.name in (select unnest($names)) group by all
        union all
        select u.inventory_year, u.handle, u.bureau, u.name, u.stage.value, 'the catalogue', u.name_citation
        from page_links l join use_cases u on u.handle = l.target
        where l.relation = 'use_cases' and l.slug in (select unnest($pages)) and u.use_case_id not in (
          select use_case_id from entry_mentions where kind = $kind and name in (select unnest($names)))
        order by 1 desc, 2
        """,
        {"kind": kind, "names": names, "pages": pages},
    )
    return [
        _line("use cases", f"{year} {bureau} {handle} {name} ({stage or 'no stage'}): named in {fields}", "Known", citation)
        for year, handle, bureau, name, stage, fields, citation in rows
    ]


def _claims(register: Register, slugs: list[str]) -> list[dict[str, Any]]:
    rows = register.rows(
        """
        select c.says, c.grade, c.about, c.slug, c."row", c.would_settle from claims c
        where c.slug in (select unnest($slugs)) and c.about in (select unnest($about))
        order by list_position($slugs, c.slug), list_position($about, c.about), c."row"
        """,
        {"slugs": slugs, "about": list(ABOUT)},
    )
    return [
        _line(
            "claims", f"{about}: {says}" + (f" (would settle it: {settles})" if settles else ""), grade,
            {"release": "catalogue", "row": row, "column": slug},
        )
        for says, grade, about, slug, row, settles in rows
    ]  # fmt: skip


def _findings(register: Register, keys: list[str], page: str | None) -> list[dict[str, Any]]:
    rows = register.rows(
        """
        with about as materialized (select * from findings where subject in $keys),
        own as materialized (select * from findings where finding in $own)
        select rule, subject_name, reason, grade, citations[1]
        from (select * from about union all select * from own where subject not in $keys)
        where outcome = 'gap' order by rule, subject_name
        """,
        {"keys": keys, "own": findings_of_page(register, page) if page else []},
    )
    return [_line("findings", f"{rule}, {name}: {reason}", grade, citation) for rule, name, reason, grade, citation in rows]
