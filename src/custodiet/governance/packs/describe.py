"""Packs as plain data: one line each, or one pack whole."""

import datetime as dt
from typing import Any

from custodiet.governance.packs.grade import is_flat, is_stale, mark
from custodiet.governance.packs.read import Crosswalk, Pack
from custodiet.governance.packs.schema import Duty, Graded, Statement
from custodiet.governance.packs.texts import Texts
from custodiet.governance.records_laws import read_laws


def summarise_pack(pack: Pack, as_of: dt.date) -> dict[str, Any]:
    """Return a pack as one line: how many entries it has and how many of them were held against the text.

    The entries of a pack of records laws are its laws; one counts as verified where all that gives its days is.
    """
    page = pack.page
    laws = _laws(pack)
    return {
        "pack": page.id, "title": page.title, "version": page.version, "date": page.date, "force": page.force,
        "applies_to": page.applies_to, "entries": len(pack.duties) + len(laws),
        "verified": sum(is_flat(duty) for duty in pack.duties) + sum(law["grade"] == "V" for law in laws),
        "verify_by": page.verify_by,
        "stale": is_stale(page, as_of), "sha256": pack.sha256,
    }  # fmt: skip


def describe_pack(pack: Pack, as_of: dt.date, texts: Texts | None = None) -> dict[str, Any]:
    """Return a pack whole: its page, entries, dates, jurisdictions and crosswalks, each with its grade and mark."""
    page = pack.page
    return {
        **summarise_pack(pack, as_of),
        "about": page.about,
        "source": page.source.model_dump(mode="json"),
        **_graded(page),
        "counts": dict(page.counts),
        "assessed": list(page.assessed),
        "dates": [{"date": day.date, "what": day.what, "cite": day.cite, **_graded(day)} for day in page.dates],
        "says": [_statement(said) for said in page.says],
        "jurisdictions": [
            {
                "id": place.id, "title": place.title, "cite": place.cite, "requires": list(place.requires),
                "recalled": list(place.recalled), "says": [_statement(said) for said in place.says], **_graded(place),
            }
            for place in page.jurisdictions
        ],
        "official_texts": {"file": texts.file, "sha256": texts.sha256, "note": texts.note} if texts else None,
        "duties": [describe_duty(duty, texts) for duty in pack.duties],
        "laws": _laws(pack),
        "crosswalks": [_crosswalk(crosswalk) for crosswalk in pack.crosswalks],
    }  # fmt: skip


def _laws(pack: Pack) -> list[dict[str, Any]]:
    return [law.as_record() for law in read_laws(pack.folder).values()]


def describe_duty(duty: Duty, texts: Texts | None = None) -> dict[str, Any]:
    """Return an entry as plain data."""
    return {
        "id": duty.id, "level": duty.level, "title": duty.title, "parent": duty.parent, "cite": duty.cite, "due": duty.due,
        "may_not_apply": duty.may_not_apply, **_graded(duty),
        "says": [_statement(said) for said in duty.says],
        "official_text": texts.by_entry.get(duty.id) if texts else None,
        "evidence": [spec.model_dump(mode="json", exclude_defaults=True) for spec in duty.evidence],
    }  # fmt: skip


def _graded(entry: Graded) -> dict[str, Any]:
    return {"grade": entry.grade, "seen": entry.seen, "unverified": mark(entry) or None}


def _statement(said: Statement) -> dict[str, Any]:
    return {"says": said.says, "quoted": said.quoted, **_graded(said)}


def _crosswalk(crosswalk: Crosswalk) -> dict[str, Any]:
    page = crosswalk.page
    return {
        "title": page.title, "to": page.to, "source": page.source.model_dump(mode="json"), "about": page.about,
        "rows": [
            {"entry": row.entry, "cites": list(row.cites), "to": list(crosswalk.rows[row.entry]),
             "is_truncated": row.is_truncated, **_graded(row)}
            for row in page.rows
        ],
    }  # fmt: skip
