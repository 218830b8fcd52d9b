"""Before a release: column by column, what can be published, what must be masked, and what was withheld needlessly."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custodiet.access_log.log import Log
from custodiet.access_log.privacy import OTHER, group_rare, keep_label, keep_organisation, keep_reason
from custodiet.access_log.words import COLUMNS, STATES, TEXT_COLUMNS

# Whom a column could expose, and what an official does with it. Times to the second let others join a log with a portal's,
# and so find out who a masked user is: in 2025 hundreds of officers were told apart that way.
ADVICE: dict[str, tuple[str, str]] = {
    "search_id": ("mask", "joins this log with others'; a token made anew for this release serves as well"),
    "searcher": ("mask", "names an officer; a token made anew for this release shows repeated users"),
    "plate": ("mask", "names a vehicle, and so its owner"),
    "case_number": ("mask", "leads to people; whether there is one can be published"),
    "filters": ("mask", "may hold a plate, glued to a description"),
    "prompt": ("mask", "is free text about a person or vehicle"),
    "reason": ("words", "is free text: publish the words of the allow-list, the rest as [other]"),
    "offence_type": ("words", "is a list, but may be followed by free text"),
    "organisation": ("words", "is an agency's name; what is none may be a person's"),
    "time": ("coarsen", "to the day: a time to the second joins this log with others'"),
    "window": ("coarsen", "to its length in days"),
    "networks": ("publish", "is a count"),
    "devices": ("coarsen", "to a band: an exact count joins this log with others'"),
    "search_type": ("publish", "is the vendor's label"),
    "moderation": ("publish", "is the vendor's label"),
    "judicial_process": ("words", "whether there was one can be published"),
}
PUBLISHABLE = "publishable.csv"
WITHHELD = ("masked_vendor_marker", "masked_agency", "exemption_citation", "withheld_by_letter")


def check_release(log: Log) -> list[dict[str, Any]]:
    """Return for each field what to do with it before a release, why, and whether these files withhold it needlessly."""
    states: dict[str, dict[str, int]] = {}
    for field, state, rows in log.database.rows('select field, state, sum("rows") from field_states group by all'):
        states.setdefault(field, {})[state] = int(rows)
    found = []
    for field, (action, why) in ADVICE.items():
        counts = states.get(field, {})
        total = sum(counts.values())
        masked = sum(counts.get(state, 0) for state in WITHHELD)
        if not log.has(field):
            now = log.why_missing(field)
        elif total and masked == total:
            now = "masked throughout"
        else:
            now = f"masked in {masked:,} of {total:,} cells" if masked else "as it stands"
        # What the vendor's form does not have, nobody withheld.
        needlessly = action != "mask" and (masked > 0 or now == "withheld by letter")
        found.append({
            "field": field, "title": COLUMNS[field].title if field in COLUMNS else "Window searched", "action": action,
            "why": why, "now": now, "withheld_needlessly": needlessly,
            "must_be_masked": action == "mask" and now == "as it stands" and field != "search_id",
        })  # fmt: skip
    return found


def write_publishable(log: Log, path: Path) -> int:
    """Write the searches as they can be published, in an order that tells nothing; return how many.

    Raises:
        OSError: the file can't be written.

    """
    texts = ", ".join(f"s.{name} as {name}" for name in TEXT_COLUMNS)
    words: dict[tuple[str, int], str] = {}
    for column, keep in (
        ("organisation", keep_organisation), ("reason", keep_reason), ("offence_type", keep_reason),
        ("search_type", lambda text: keep_label("search_type", text)),
        ("moderation", lambda text: keep_label("moderation", text)),
    ):  # fmt: skip
        for number, text, state in log.database.rows(
            f"select t.id, t.text, w.state from texts_{column} t join words_{column} w on w.id = t.id"
        ):
            words[column, number] = keep(text) if state == "value" else f"[{state}]"
    count = 0
    headers = [
        "day", "organisation", "kind_of_organisation", "networks", "devices", "window_days", "reason", "offence_type",
        "search_type",
        "moderation", "has_case_number", "searches",
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(headers)
        rows = log.database.rows(f"""
            select date_trunc('day', time) as day, organisation, w.kind,
              case when networks is null then null when networks = 0 then '0' when networks = 1 then '1' when networks
                <= 100 then '2 to 100'
                when networks <= 1000 then '101 to 1,000' else 'over 1,000' end as networks,
              case when devices is null then null when devices = 0 then '0' when devices <= 100 then '1 to 100'
                when devices <= 1000 then '101 to 1,000' when devices <= 10000 then '1,001 to 10,000' else
                  'over 10,000' end as devices,
              ceil(date_diff('hour', opened, closed) / 24.0)::bigint as window_days, reason, offence_type, search_type,
                moderation,
              c.state = 'value' as has_case_number, count(*) as n
            from (select time, opened, closed, networks, devices, {texts} from searches s) s
            left join words_organisation w on w.id = s.organisation
            left join words_case_number c on c.id = s.case_number
            group by all
        """)
        kept: dict[tuple[str, ...], int] = {}
        for day, organisation, kind, networks, devices, window, reason, offence, search_type, moderation, has_case, n in rows:
            named = [words.get((column, number), "") for column, number in (
                ("organisation", organisation), ("reason", reason), ("offence_type", offence), ("search_type", search_type),
                ("moderation", moderation),
            )]  # fmt: skip
            key: tuple[str, ...] = (
                day.date().isoformat() if day else "", named[0], kind or "", networks or "", devices or "",
                "" if window is None else str(window), named[1], named[2], named[3], named[4],
                "" if has_case is None else "yes" if has_case else "no",
            )  # fmt: skip
            kept[key] = kept.get(key, 0) + int(n)
        for place in (headers.index(name) for name in ("organisation", "reason", "offence_type")):
            kept = _without_rare(kept, place, log.k)
        for key in sorted(kept):
            writer.writerow([*key, kept[key]])
            count += kept[key]
    return count


def _without_rare(kept: Mapping[tuple[str, ...], int], place: int, k: int) -> dict[tuple[str, ...], int]:
    """Return counts by rows in which a name that fewer than k searches have in all is `[other]`; states stay as they are."""
    states = {"", OTHER, *(f"[{state}]" for state in STATES)}
    totals: dict[str, int] = {}
    for key, n in kept.items():
        if key[place] not in states:
            totals[key[place]] = totals.get(key[place], 0) + n
    shown = {name for name, _ in group_rare(totals, k, len(totals))[0]}
    grouped: dict[tuple[str, ...], int] = {}
    for key, n in kept.items():
        name = key[place] if key[place] in shown or key[place] in states else OTHER
        whole = (*key[:place], name, *key[place + 1 :])
        grouped[whole] = grouped.get(whole, 0) + n
    return grouped
