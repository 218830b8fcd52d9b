"""Put contract transactions into the register: typed rows, counted once, beside the measure of each part's completeness."""

from custodiet.register.releases import Loaded
from custodiet.sources.usaspending.bulk import BulkReading
from custodiet.sources.usaspending.read import TransactionReading
from custodiet.store import Register
from custodiet.store.database import literal, quoted

# Fields in the order of the raw tables' API layout; an older state lacks the award's key.
FIELDS = (
    "agency", "piid", "recipient", "obligation", "action_date", "modification", "product_service", "industry", "description",
    "award_key",
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
# Awarding sub-agencies by their code, as the transactions name them.
BUREAUS = {"7012": "ICE", "7014": "CBP"}


def load_transactions(register: Register, transactions: list[Loaded[TransactionReading]]) -> None:
    """Fill the tables of transactions and of the parts of their releases.

    A row that repeats another of the current state cell for cell is kept, marked, and counts once: the API's pages overlap,
    and files may.
    """
    parts = []
    kinds: dict[str, str] = {}
    for loaded in transactions:
        is_current = loaded.release.role == "transactions"
        kinds |= loaded.reading.recipient_kinds
        parts += [
            (
                loaded.release.release, str(is_current).lower(), part.agency, part.fiscal_year, part.rows, part.repeats,
                part.negatives, str(part.net), str(part.is_truncated).lower(), part.reason,
            )
            for part in loaded.reading.parts
        ]  # fmt: skip
    register.load("release_parts", parts)
    register.run("create temp table recipient_kinds (recipient varchar, kind varchar)")
    register.load("recipient_kinds", sorted(kinds.items()))
    for loaded in transactions:
        register.run(_typed_rows(loaded))
    cells = ", ".join(FIELDS)
    register.run(
        f"""
        update transactions set repeats = true from (
          select release as r, "row" as n, row_number() over (
            partition by is_current, case when is_current then '' else release end, {cells} order by release, "row") as copy
          from transactions
        ) c
        where c.r = transactions.release and c.n = transactions."row" and c.copy > 1
        """
    )


def load_awards(register: Register) -> None:
    """Fill the table of awards: each a number under which actions were taken, with the first action as its citation.

    One award has one key where the layout gives it; without it, its agency and number stand in.
    """
    register.run(
        """
        insert into awards
        select award, agency, piid, min(parent_piid), list(distinct recipient order by recipient), count(*),
          sum(obligation)::decimal(18, 2), min(action_date), max(action_date), arg_min(description, place),
          min(product_service), min(industry),
          struct_pack(release := min(place).release, "row" := min(place)."row", "column" := min_by(column_name, place))
        from (
          select t.*, coalesce(award_key, agency || ' ' || piid) as award, c.name as column_name,
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
    column = {described.field: quoted(name) for name, described in loaded.reading.columns if described and described.field}
    key = column.get("award_key", "null::varchar")
    # CONT_AWD_<number>_<agency>_<number of the parent>_<agency of the parent>, with -NONE- where there is no parent.
    parent = f"nullif(split_part({key}, '_', 5), '-NONE-')"
    day = f"{column['action_date']}::date"
    release = loaded.release
    return f"""
        insert into transactions
        select {literal(release.release)}, _row, {release.role == "transactions"}, {column["agency"]},
          year({day} + interval 3 month), {column["piid"]}, nullif({parent}, ''), {key}, {column["modification"]}, {day},
          {column["obligation"]}::decimal(18, 2), {column["recipient"]}, k.kind,
          {column["product_service"]}, {column["industry"]}, {column["description"]}, false
        from raw.{quoted(release.release)} join recipient_kinds k on k.recipient = {column["recipient"]}
        order by _row
    """


def load_bulk(register: Register, bulk: list[Loaded[BulkReading]]) -> None:
    """Fill the tables of award summaries and subawards.

    Primes report a subaward again, month after month: one of the same award, number, recipient, amount and day is marked.
    """
    summaries = []
    subawards = []
    for loaded in bulk:
        seen: set[tuple[str | None, ...]] = set()
        for row, record in enumerate(loaded.reading.records, start=1):
            here = (loaded.release.release, row)
            if loaded.release.role == "award-summaries":
                named = record | {"agency": BUREAUS.get(record["agency_code"] or "", record["agency"])}
                summaries.append((*here, *(named[field] for field in SUMMARY_FIELDS)))
            else:
                same = tuple(record[field] for field in ("award_key", "number", "uei", "amount", "action_date"))
                subawards.append((*here, *(record[field] for field in SUBAWARD_FIELDS), str(same in seen).lower()))
                seen.add(same)
    register.load("award_summaries", summaries)
    register.load("subawards", subawards)
