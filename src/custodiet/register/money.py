"""Put contract transactions into the register: typed rows, counted once, beside the measure of each part's completeness."""

from custodiet.register.releases import Loaded
from custodiet.sources.usaspending.read import TransactionReading
from custodiet.store import Register
from custodiet.store.database import literal, quoted

# Fields in the order of the raw tables' API layout; an older state lacks the award's key.
FIELDS = (
    "agency", "piid", "recipient", "obligation", "action_date", "modification", "product_service", "industry", "description",
    "award_key",
)  # fmt: skip


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
    cells = ", ".join(name for name in FIELDS)
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
