"""Footnotes: what a fact rests on, taken back to its published cell, claim, paper or count, as one line of Markdown."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.documents.facts import Count, Measured, Paper, Rule
from custodiet.documents.markdown import escape
from custodiet.documents.words import WORDS, Language
from custodiet.exports.cells import is_citation
from custodiet.model.errors import DocumentError
from custodiet.questions.cite import CATALOGUE, published_cell
from custodiet.store import Register

# Enough of a cell to know it again; the whole of it is one command away.
HEADER = 64
# A finding may cite hundreds of cells.
CELLS = 12
HASH = 12
# A reference to a footnote, and inside of one the number of an earlier one, until all are numbered.
REFERENCE = re.compile(r"\[\^(\d+)\]")
EARLIER_MARK = "\ue003"
EARLIER = re.compile(rf"{EARLIER_MARK}(\d+){EARLIER_MARK}")


def shorten(text: str, length: int) -> str:
    """Return the first words of a text, with an ellipsis where some are left out."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def link(text: str, url: str | None) -> str:
    """Return a Markdown link to a public address, or the text alone where there is no such address."""
    if url is None or not re.fullmatch(r"(https?|mailto):[^\s<>\\]+", url):
        return escape(text)
    return f"[{escape(text)}](<{url}>)"


class Notes:
    """The footnotes of one document, and the files that they lead to. What one note has quoted, later ones refer to."""

    def __init__(self, register: Register, language: Language = "en", *, quotes: int = 220) -> None:
        self._register = register
        self._words = WORDS[language]
        self._quotes = quotes
        self._numbers: dict[Any, int] = {}
        self._texts: list[str] = []
        self._quoted: dict[tuple[str, int, str], int] = {}
        self._duties: set[str] = set()
        self._claims: dict[str, int] = {}
        self._pages: dict[str, dict[int, dict[str, Any]]] = {}
        self._cells_found: dict[tuple[str, int, str], Mapping[str, Any]] = {}
        self._files: dict[str, Mapping[str, Any]] = {}

    def number(self, cites: object) -> int:
        """Return the number of the footnote to these citations; the same ones get the same number.

        Raises:
            DocumentError: there is nothing among them, or something that is no citation.
            QuestionError: a cell that the register does not have.

        """
        flat = list(_flatten(cites))
        key = repr([sorted(each.items()) if is_citation(each) else each for each in flat])
        return self._numbers[key] if key in self._numbers else self._add(key, self._text(flat))

    def note(self, text: str) -> int:
        """Return the number of a footnote whose Markdown is given."""
        return self._numbers[text] if text in self._numbers else self._add(text, text)

    def _add(self, key: str, text: str) -> int:
        self._texts.append(text)
        self._numbers[key] = len(self._texts)
        return len(self._texts)

    def settle(self, body: str) -> str:
        """Return a text with its footnotes beneath, numbered in the order in which it refers to them.

        Raises:
            DocumentError: a fact was made and not printed.

        """
        order = {old: new for new, old in enumerate(dict.fromkeys(map(int, REFERENCE.findall(body))), 1)}
        if len(order) < len(self._texts):
            raise DocumentError("A fact was made and is not printed; print it where it is made.")
        texts = sorted((order[old], text) for old, text in enumerate(self._texts, 1))
        notes = "".join(f"[^{number}]: {text}\n\n" for number, text in texts)
        links = [f"[{name}]: <{found['url']}>\n" for name, found in sorted(self._files.items()) if found["url"]]
        whole = REFERENCE.sub(lambda found: f"[^{order[int(found[1])]}]", body.rstrip() + "\n\n")
        return whole + EARLIER.sub(lambda found: str(order[int(found[1])]), notes) + "".join(links)

    def files(self) -> list[str]:
        """Return the files that the footnotes lead to, each as a line of Markdown with its hash and address."""
        words = self._words
        lines = []
        for release, found in sorted(self._files.items()):
            day = found["published"].isoformat() if isinstance(found["published"], dt.date) else words["no_day"]
            where = f" {link(found['url'], found['url'])}." if found["url"] else ""
            lines.append(
                f"**{escape(release)}**: {escape(found['title'])}, {escape(found['publisher'])}. "
                f"{escape(found['file'])}, {words['published']} {day}.{where} sha256 `{found['sha256']}`"
            )
        return lines

    # --- One citation

    def _text(self, cites: list[Any]) -> str:
        parts: dict[str, None] = {}
        cells = [each for each in cites if is_citation(each) and each["release"] != CATALOGUE]
        for cell in self._cells(cells):
            parts[cell] = None
        for each in cites:
            if isinstance(each, Paper):
                parts[self.paper(each)] = None
            elif isinstance(each, Count):
                parts[self._count(each)] = None
            elif isinstance(each, Rule):
                parts[self._rule(each)] = None
            elif isinstance(each, Measured):
                parts[f"{escape(each.file)} (sha256 `{each.sha256[:HASH]}`): {escape(each.what)}"] = None
            elif is_citation(each) and each["release"] == CATALOGUE:
                parts[self._claim_at(each)] = None
            elif isinstance(each, Mapping) and "says" in each and "sources" in each:
                parts[self._claim(each)] = None
            elif not is_citation(each):
                raise DocumentError(
                    f"A fact rests on {type(each).__name__!r}, which is no citation; give a cell, claim or paper."
                )
        if not parts:
            raise DocumentError("A fact has no citation; give one, or do not state it.")
        text = "; ".join(parts)
        return text if text.endswith(("”", "…")) else f"{text}."

    def _cells(self, cells: list[Any]) -> list[str]:
        """Return the cells of each row together: the release and row once, then each column with what it says."""
        rows: dict[tuple[str, int], list[str]] = {}
        for place in cells[:CELLS]:
            key = (place["release"], place["row"], place["column"])
            if key not in self._cells_found:
                self._cells_found[key] = published_cell(self._register, *key)
            found = self._cells_found[key]
            self._cite_file(place["release"])
            if key in self._quoted:
                said = f" ({self._words['note']} {EARLIER_MARK}{self._quoted[key]}{EARLIER_MARK})"
            else:
                self._quoted[key] = len(self._texts) + 1
                text = (
                    f"“{escape(shorten(found['text'], self._quotes))}”"
                    if (found["text"] or "").strip()
                    else self._words["empty"]
                )
                said = f" ({escape(shorten(found['header'], HEADER))}): {text}"
            rows.setdefault(key[:2], []).append(f"{self._words['column']} {found['letter']}{said}")
        parts = []
        for (release, row), columns in rows.items():
            parts.append(f"{self._named(release)}, {self._words['row']} {row}, {', '.join(columns)}")
        if len(cells) > CELLS:
            parts.append(self._words["more"].format(n=len(cells) - CELLS))
        return parts

    def _cite_file(self, release: str) -> None:
        if release not in self._files:
            rows = self._register.keep(
                "releases with their sources",
                lambda: self._register.dicts(
                    "select r.*, s.title, s.publisher from releases r join sources s using (source)"
                ),
            )
            (self._files[release],) = (row for row in rows if row["release"] == release)

    def _named(self, release: str) -> str:
        """Return a release's name, as a link where it has an address; `settle` says where to."""
        return f"[{release}]" if self._files[release]["url"] else escape(release)

    def paper(self, paper: Paper) -> str:
        """Return a paper as a line of Markdown."""
        where = f", {escape(paper.where)}" if paper.where else ""
        day = f", {paper.date}" if paper.date else ""
        return f"{link(paper.title, paper.url)}{where} ({escape(paper.publisher)}{day})"

    def _rule(self, rule: Rule) -> str:
        duty = "" if rule.duty in self._duties else f" ({escape(rule.duty)})"
        self._duties.add(rule.duty)
        return f"{self._words['rule']} `{rule.id}`{duty}"

    def _count(self, count: Count) -> str:
        named = ", ".join(map(self._counted, count.releases))
        return f"{self._words['counted']} `{count.how}` {self._words['over']} {named}"

    def _counted(self, release: str) -> str:
        # The catalogue is no file of a publisher: the register's own hash, which every document prints, settles it.
        if release == CATALOGUE:
            return self._words["claims"]
        self._cite_file(release)
        return f"{self._named(release)} (sha256 `{self._files[release]['sha256'][:HASH]}`)"

    def _claim_at(self, place: Mapping[str, Any]) -> str:
        slug = place["column"]
        if slug not in self._pages:
            self._pages[slug] = self._claims_of(slug)
        if place["row"] not in self._pages[slug]:
            raise DocumentError(f"The catalogue's page {slug} has no claim {place['row']}, which a fact rests on.")
        return self._claim(self._pages[slug][place["row"]])

    def _claims_of(self, slug: str) -> dict[int, dict[str, Any]]:
        """Return a page's claims with their sources, by row: a document that rests on one mostly rests on more of them."""
        claims = self._register.dicts(
            'select "row", claim as id, grade, grade_reason from claims where slug = $slug', {"slug": slug}
        )
        sources: dict[str, list[dict[str, Any]]] = {claim["id"]: [] for claim in claims}
        for source in self._register.dicts(
            "select s.* from claim_sources s join claims c using (claim) where c.slug = $slug order by claim, position",
            {"slug": slug},
        ):
            sources[source["claim"]].append(source)
        return {claim["row"]: {**claim, "sources": sources[claim["id"]]} for claim in claims}

    def _claim(self, claim: Mapping[str, Any]) -> str:
        if claim["id"] in self._claims:
            earlier = f"{self._words['note']} {EARLIER_MARK}{self._claims[claim['id']]}{EARLIER_MARK}"
            return f"{self._words['claim']} {escape(claim['id'])} ({earlier})"
        self._claims[claim["id"]] = len(self._texts) + 1
        parts: dict[str, None] = {}
        # An official file's cells stand together, and once.
        cells = [source["citation"] for source in claim["sources"] if source["citation"]]
        for cell in self._cells(cells):
            parts[cell] = None
        for source in claim["sources"]:
            if source["citation"]:
                continue
            where = f", {escape(source['place'])}" if source["place"] else ""
            day = f", {source['date']}" if source["date"] else ""
            mark = f"{self._words['against']}: " if source["stance"] == "contradicts" else ""
            parts[f"{mark}{link(source['title'], source['url'])}{where} ({escape(source['publisher'])}{day})"] = None
        shown = f". {self._words['sources']}: {'; '.join(parts)}" if parts else ""
        return f"{self._words['claim']} {escape(claim['id'])}: {claim['grade']} ({escape(claim['grade_reason'])}){shown}"


def _flatten(cites: object) -> Iterable[Any]:
    if isinstance(cites, list | tuple):
        for each in cites:
            yield from _flatten(each)
    elif cites is not None:
        yield cites
