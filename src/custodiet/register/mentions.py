"""Find what inventory entries name: categories, products, organisations and systems, each with the cell that shows it."""

from custodiet.catalogue.lexicon import LEGAL_FORMS, Category, whole_words
from custodiet.store import Register
from custodiet.store.database import literal

# The answers in which an entry may name what it uses; the agency is the one whose contracts the register holds.
FIELDS = ("vendor", "purpose", "benefits", "outputs", "system_name", "data_description", "justification")
AGENCY = "DHS"
# Those in which it says what it is; benefits, data and justifications speak of other systems as well.
OF_ITSELF = ("name", "purpose", "outputs", "system_name")
# The shortest part of a cell that may stand for a longer name, and for how many organisations at most.
SHORTEST, MOST_MEANT = 4, 8
LEGAL_END = f"( ({LEGAL_FORMS}))+$"


def load_mentions(register: Register, lexicon: list[Category]) -> None:
    """Fill the table `entry_mentions`."""
    answers = " union all ".join(
        f"select use_case_id, '{field}', fold_text({field}.text), {field}.text, {field}.citation from use_cases "
        f"where agency = '{AGENCY}' and {field}.state = 'reported'"
        for field in FIELDS
    )
    register.run(
        f"""
        create temp table entry_texts as
        select use_case_id, 'name' as field, fold_text(name) as words, name as published, name_citation as citation
        from use_cases where agency = '{AGENCY}' union all {answers}
        """
    )
    for page in lexicon:
        hits = [_category_hit(page)]
        hits += [_hit("product", product.name, whole_words(product.words), "") for product in page.products if product.words]
        register.run(f"insert into entry_mentions {' union all '.join(hits)} order by all")
    _find_systems(register)
    _find_organisations(register)
    register.run("drop table entry_texts")


def _category_hit(page: Category) -> str:
    """Return SQL for entries that are of a category by what they say of themselves; what they deny is none."""
    pattern = whole_words(page.words)
    denied = literal(rf"\b(?:not|no|nor|never|without)(?: [a-z0-9]+){{0,5}} {pattern}")
    source = f"(select * replace (regexp_replace(words, {denied}, ' ', 'g') as words) from entry_texts)"
    fields = ", ".join(map(literal, OF_ITSELF))
    unless = f"not regexp_matches(words, {literal(whole_words(page.unless))})"
    return _hit("category", page.slug, pattern, f"and field in ({fields}) and {unless}", source)


def _hit(kind: str, name: str, pattern: str, further: str, source: str = "entry_texts") -> str:
    return (
        f"select use_case_id, {literal(kind)} as kind, {literal(name)} as name, field, "
        f"regexp_extract(words, {literal(pattern)}) as shown_by, citation "
        f"from {source} where regexp_matches(words, {literal(pattern)}) {further}"
    )


def _find_systems(register: Register) -> None:
    """Find the names and aliases of the catalogue's systems, as whole words; a word in capitals only so."""
    register.run(
        """
        insert into entry_mentions
        select t.use_case_id, 'system', s.slug, t.field, min(s.spoken), min(t.citation)
        from entry_texts t join (
          select slug, spelled, fold_text(spelled) as spoken, regexp_matches(spelled, '^[A-Z]{2}[A-Za-z]*$') as is_acronym
          from (select slug, unnest([name] || aliases) as spelled from pages
            where kind = 'system' and (fields->>'named')::boolean)
        ) s on contains(' ' || t.words || ' ', ' ' || s.spoken || ' ')
          and (not s.is_acronym or regexp_matches(t.published, '\\b(' || s.spelled || '|' || upper(s.spelled) || ')\\b'))
        group by t.use_case_id, s.slug, t.field order by all
        """
    )


def _find_organisations(register: Register) -> None:
    """Find organisations in the cells for vendors: a part between commas that is a name of theirs, or begins with one.

    A short name ("Palantir", "Deloitte") means every organisation whose name begins with it, if these are few; a word with
    which many begin ("General") means none. A cell which says that nobody contracts with a firm does not name it as a vendor.
    """
    register.run(
        f"""
        create temp table cores as
        select distinct organisation, regexp_replace(fold_text(name), '{LEGAL_END}', '') as core
        from (select organisation, name from organisation_names
          union all select o.organisation, unnest([p.name] || p.aliases) from organisations o join pages p on p.slug = o.page)
        """
    )
    register.run(
        f"""
        create temp table vendor_parts as
        select use_case_id, vendor.citation as citation,
          fold_text(unnest(string_split_regex(vendor.text, '[;,/\n]| and '))) as part
        from use_cases
        where agency = '{AGENCY}' and vendor.state = 'reported' and not contains(lower(vendor.text), 'does not contract')
        """
    )
    register.run(
        f"""
        insert into entry_mentions
        select v.use_case_id, 'organisation', n.organisation, 'vendor', min(n.core), min(v.citation)
        from vendor_parts v join cores n on n.core <> '' and (v.part = n.core or starts_with(v.part, n.core || ' '))
        group by v.use_case_id, n.organisation
        union all
        select use_case_id, 'organisation', organisation, 'vendor', part, min(citation)
        from (
          select v.*, n.organisation, count(distinct n.organisation) over (partition by v.use_case_id, v.part) as meant
          from vendor_parts v join cores n on len(v.part) >= {SHORTEST} and starts_with(n.core, v.part || ' ')
        )
        where meant <= {MOST_MEANT} and (use_case_id, organisation) not in (
          select v.use_case_id, n.organisation
          from vendor_parts v join cores n on n.core <> '' and (v.part = n.core or starts_with(v.part, n.core || ' ')))
        group by use_case_id, organisation, part
        order by all
        """
    )
    for table in ("cores", "vendor_parts"):
        register.run(f"drop table {table}")
