"""The newsroom bundle: findings, citations, figures, method and letters of a subject or rule, a zip that opens from disk.

Same register, same day: same bytes. Nothing in it asks for anything from elsewhere.
"""

import datetime as dt
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2

from custodiet import questions
from custodiet.documents.render import render
from custodiet.exports.cells import cite_as_text
from custodiet.exports.describe import made_by, read_origin
from custodiet.exports.place import MARK
from custodiet.model.errors import QuestionError
from custodiet.questions.cite import published_cells
from custodiet.site.bundle_parts import Parts, gather_rule, gather_subject
from custodiet.site.downloads import TABLE_FORMS, write_figure, write_table
from custodiet.site.links import slug
from custodiet.site.pages import KINDS
from custodiet.site.render import HERE
from custodiet.site.site import Site
from custodiet.store import Register

# A zip records when each file was made, and the same bundle should be the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# Rows of the first page; the tables beside it have all.
SHOWN = 200
# What the first page shows, in its order; what a rule does not reach is in the tables only.
JUDGED = ("gap", "cannot-tell", "clear")


def write_bundle(register: Register, *, as_of: dt.date, subject: str | None = None, rule: str | None = None) -> bytes:
    """Return the bundle of a subject (a use case, system, vendor, award or agency) or of a rule.

    Raises:
        QuestionError: neither or both were named, or the register has nothing of that name.

    """
    if (subject is None) == (rule is None):
        raise QuestionError("Name what the bundle is about: a subject, or a rule with `--rule`.")
    site = Site(register, KINDS)
    parts = gather_rule(site, rule, as_of) if rule is not None else gather_subject(site, subject or "", as_of)
    files = _files(site, parts, as_of)
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    return _zip(files, slug(parts.title))


def _files(site: Site, parts: Parts, as_of: dt.date) -> dict[str, bytes]:
    cells = _cells(site, (*parts.findings, *parts.lines))
    behind = {cell["release"] for cell in cells}
    releases = [row for row in questions.sources(site.register) if row["release"] in behind]
    used = sorted({finding["rule"] for finding in parts.findings})
    tables = {
        "findings": list(parts.findings), "citations": cells, "sources": releases,
        **({"evidence": list(parts.lines)} if parts.lines else {}),
    }  # fmt: skip
    files = {f"{name}.{form}": write_table(rows, form, name) for name, rows in tables.items() for form in TABLE_FORMS}
    for each in parts.figures:
        files[f"figures/{each.name}.svg"] = write_figure(each.drawn, "svg")
        files[f"figures/{each.name}.png"] = write_figure(each.drawn, "png")
        files[f"figures/{each.name}.csv"] = write_table(each.table, "csv", each.name)
    for rule in used:
        files[f"method/{slug(rule)}.md"] = questions.rule(site.register, rule)["text"].encode()
    for name, document in parts.letters:
        files[f"letters/{slug(name)}.html"] = render(document, "html")
        files[f"letters/{slug(name)}.md"] = render(document, "md")
    made = made_by(read_origin(site.register, None)) + (f" Letters are of {as_of.isoformat()}." if parts.letters else "")
    judged = [finding for outcome in JUDGED for finding in parts.findings if finding["outcome"] == outcome]
    context = {"parts": parts, "judged": judged, "made": made, "shown": SHOWN,
               "rules": {rule: site.rules[rule] for rule in used}, "slug": slug,
               "letters": [(slug(name), document.title) for name, document in parts.letters]}  # fmt: skip
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["cite"] = cite_as_text
    files["index.html"] = environment.get_template("bundle.html").render(context).encode("utf-8", "replace")
    files["README.txt"] = environment.get_template("bundle.txt").render(context).encode("utf-8", "replace")
    return files


def _cells(site: Site, cited: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return every cell that is cited, exactly as it was published, with its file and its hash."""
    cells = [
        cell
        for each in cited
        for cell in (each["citations"] if "citations" in each else [each["citation"]])
        if isinstance(cell, Mapping) and "column" in cell
    ]
    texts = published_cells(site.register, cells)
    read = site.register.rows(
        'select release, "row", "column", value, state from answers where release in (select unnest($releases)) '
        'and "row" in (select unnest($rows))',
        {"releases": list({release for release, _, _ in texts}), "rows": list({row for _, row, _ in texts})},
    )
    answers = {(release, row, column): (value, state) for release, row, column, value, state in read}
    found = []
    for place in sorted(texts):
        letter, header = site.columns.get((place[0], place[2]), (None, None))
        value, state = answers.get(place, (None, None))
        release = site.releases.get(place[0], {})
        found.append({
            "release": place[0], "row": place[1], "column": place[2], "letter": letter, "header": header,
            "text": texts[place], "value": value, "state": state,
            **{name: release.get(name) for name in ("file", "sha256", "url", "published")},
        })  # fmt: skip
    return found


def _zip(files: Mapping[str, bytes], folder: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.comment = MARK.encode()
        for name in sorted(files):
            if not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?", name):
                raise AssertionError(f"{name!r} is no name for a file of a bundle")
            info = zipfile.ZipInfo(f"{folder}/{name}", NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return whole.getvalue()
