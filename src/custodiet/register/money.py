"""Put contract transactions into the register: typed rows, counted once, beside the measure of each part's completeness."""

from custodiet.register.current import settle
from custodiet.register.releases import Loaded
from custodiet.sources.bureaus import short_name
from custodiet.sources.usaspending.bulk import BulkReading
from custodiet.sources.usaspending.read import TransactionReading
from custodiet.store import Register
from custodiet.store.database import literal, quoted

# Fields of a transaction that only some layouts have, in the order of their table.
OPTIONAL = (
    "uei", "duns", "cage", "parent_uei", "parent_name", "psc", "naics", "competition", "limited_sources",
    "not_competed_because",
)  # fmt: skip
# Fields of the bulk files, in the order of their tables.
SUMMARY_FIELDS = (
    "award_key", "piid", "parent_piid", "agency", "uei", "recipient", "recipient_raw", "dba", "cage", "parent_uei",
    "parent_name", "obligated", "outlayed", "current_value", "potential_value", "first_action", "last_action", "psc", "naics",
    "description", "competition", "limited_sources", "not_competed_because", "offers", "url",
)  # fmt: skip
SUBAWARD_FIELDS = (
    "award_key", "piid", "prime", "prime_uei", "report_id", "number", "amount", "action_date", "uei", "recipient", "dba",
    "parent_uei", "parent_name", "description", "url",
)  # fmt: skip


def load_transactions(register: Register, transactions: list[Loaded[TransactionReading]]) -> None:
    """Fill the tables of transactions and of the parts of their releases, and decide which rows count."""
    parts = []
    kinds: dict[str, str] = {}
    agencies: dict[str, str] = {}
    for loaded in transactions:
        is_current = loaded.release.role == "transactions"
        kinds |= loaded.reading.recipient_kinds
        agencies |= loaded.reading.agencies
        parts += [
            (
                loaded.release.release, str(is_current).lower(), part.agency, part.fiscal_year, part.rows, part.repeats,
                part.negatives, str(part.net), str(part.is_truncated).lower(), part.reason, "unknown", 0, None,
            )
            for part in loaded.reading.parts
        ]  # fmt: skip
    register.load("release_parts", parts)
    register.run("create temp table recipient_kinds (recipient varchar, kind varchar)")
    register.load("recipient_kinds", sorted(kinds.items()))
    register.run("create temp table published_agencies (published varchar, agency varchar)")
    register.load("published_agencies", sorted(agencies.items()))
    for loaded in transactions:
        register.run(_typed_rows(loaded))
    settle(register, [loaded.release for loaded in transactions])


def load_awards(register: Register) -> None:
    """Fill the table of awards: each a number under which actions were taken, with the first action as its citation."""
    register.run(
        """
        insert into awards
        select award, agency, piid, min(parent_piid), list(distinct recipient order by recipient), count(*),
          sum(obligation)::decimal(18, 2), min(action_date), max(action_date), arg_min(description, place),
          min(product_service), min(industry),
          struct_pack(release := min(place).release, "row" := min(place)."row", "column" := min_by(column_name, place))
        from (
          select t.*, award_id(award_key, agency, piid) as award, c.name as column_name,
            struct_pack(action_date := action_date, modification := modification, release := t.release,
              "row" := "row") as place
          from transactions t join release_columns c on c.release = t.release and c.field = 'piid'
          where is_current and not repeats
        )
        group by award, agency, piid order by award
        """
    )


def _typed_rows(loaded: Loaded[TransactionReading]) -> str:
    """Return SQL that types the raw rows of one release."""
    raw = {
        described.field: f"r.{quoted(name)}" for name, described in loaded.reading.columns if described and described.field
    }
    column = {field: f"nullif({name}, '')" for field, name in raw.items()}
    key = column.get("award_key")
    if key is None and "agency_code" in column:
        # Bulk files of before 2019 lack the key; this is how it is made.
        key = (
            f"concat_ws('_', 'CONT_AWD', {column['piid']}, {column['agency_code']}, "
            f"coalesce({column['parent_piid']}, '-NONE-'), coalesce({column['parent_agency_code']}, '-NONE-'))"
        )
    key = key or "null::varchar"
    # CONT_AWD_<number>_<agency>_<number of the parent>_<agency of the parent>, with -NONE- where there is no parent.
    parent = column.get("parent_piid", f"nullif(nullif(split_part({key}, '_', 5), '-NONE-'), '')")
    written = column["action_date"]
    day = (
        f"coalesce(try_cast({written} as date), try_strptime(regexp_replace({written}, '[ T][0-9]+:[0-9]{{2}}.*$', ''), "
        "['%Y-%m-%d', '%m/%d/%y', '%m/%d/%Y'])::date)"
    )
    words = [column[name] for name in ("description", "description_before_2022", "award_description") if name in column]
    release = loaded.release
    return f"""
        insert into transactions
        select {literal(release.release)}, _row, {release.role == "transactions"}, a.agency,
          year({day} + interval 3 month), {column["piid"]}, {parent}, {key}, {column["modification"]}, {day},
          {column["obligation"]}::decimal(18, 2), {raw["recipient"]}, k.kind,
          {column.get("product_service", "null")}, {column.get("industry", "null")},
          {f"coalesce({', '.join(words)})" if words else "null"}, false, {column.get("transaction_key", "null")},
          {", ".join(column.get(name, "null") for name in OPTIONAL)}
        from raw.{quoted(release.release)} r
        join recipient_kinds k on k.recipient = {raw["recipient"]}
        join published_agencies a on a.published = {raw["agency"]}
        order by _row
    """


def load_bulk(register: Register, bulk: list[Loaded[BulkReading]]) -> None:
    """Fill the tables of award summaries and subawards.

    Primes report a subaward again, month after month: one of the same award, number, recipient, amount and day is marked.
    """
    summaries = []
    subawards = []
    seen: set[tuple[str | None, ...]] = set()
    for loaded in bulk:
        for row, record in enumerate(loaded.reading.records, start=1):
            here = (loaded.release.release, row)
            if loaded.release.role == "award-summaries":
                named = record | {"agency": short_name(record["agency"] or "")}
                summaries.append((*here, *(named[field] for field in SUMMARY_FIELDS)))
            else:
                same = tuple(record[field] for field in ("award_key", "number", "uei", "amount", "action_date"))
                subawards.append((*here, *(record[field] for field in SUBAWARD_FIELDS), str(same in seen).lower()))
                seen.add(same)
    register.load("award_summaries", summaries)
    register.load("subawards", subawards)
