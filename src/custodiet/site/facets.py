"""Findings by facet (rule, agency, outcome, what they are about, what is missing): counts and lists, alone and together.

A list without an outcome is one of gaps, as the addresses of lists have been from the beginning.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from custodiet.model.words import OUTCOMES
from custodiet.questions.matrix import OFFICES
from custodiet.site.site import Site

# In the order in which a name, an address and a form have them.
FACETS = ("rule", "agency", "outcome", "subject", "missing")
HEADS = {
    "rule": "Rule", "agency": "Agency", "outcome": "Outcome", "subject": "What it is about", "missing": "What is missing",
}  # fmt: skip
OUTCOME_WORDS = {"gap": "Gaps", "cannot-tell": "Cannot be told", "clear": "Clear", "not-applicable": "Not applicable"}
SUBJECTS = {
    "use-case": "Use cases", "award": "Contract awards", "system": "Systems", "path": "Ways of data into systems",
    "agency": "Agencies as a whole", "part": "Years of contract actions", "form": "Forms of inventories",
    "release": "Whole files", "claim": "Claims about systems", "log": "Query logs",
}  # fmt: skip
# What a gap is made of, by the state of the cell that it cites last: the one that decides.
MISSING = {
    "blank": "The cell is blank",
    "in-progress": "The answer: under way",
    "not-applicable": "The answer: does not apply",
    "withheld": "Withheld",
    "placeholder": "Filler in place of an answer",
    "unreadable": "A word that the form does not have",
    "reported": "What is reported is the gap",
    "no-cell": "Another record is missing",
}
# Which lists a site has ready-made; a server makes any other when it is asked for. What is clear or cannot be told is listed
# by rule only: there is much of it, and each finding stands on the page of what it is about.
READY = (
    ("rule",), ("agency",), ("subject",), ("missing",), ("rule", "agency"), ("rule", "missing"), ("agency", "missing"),
    ("agency", "subject"), ("subject", "missing"),
)  # fmt: skip
READY_OUTCOMES = ("cannot-tell", "clear")
_STATES = """
    select f.finding, f.rule, f.agency, f.bureau, f.outcome, f.subject_kind as subject,
      case when f.outcome = 'gap' then coalesce(a.state, 'no-cell') end as missing
    from findings f left join answers a on a.release = f.citations[-1].release and a."row" = f.citations[-1]."row"
      and a."column" = f.citations[-1]."column"
"""
_KINDS = "select finding, rule, agency, bureau, outcome, subject_kind as subject from findings"
Facets = Mapping[str, str]


def name_list(**facets: str) -> str:
    """Return the name of a list: "rule=x", "agency=y", "rule=x&agency=y&missing=z"."""
    return urlencode([(facet, facets[facet]) for facet in FACETS if facet in facets])


def read_facets(name: str) -> dict[str, str]:
    """Return the facets of a list by its name."""
    return dict(parse_qsl(name))


def count_all(site: Site) -> Counter[tuple[str | None, ...]]:
    """Return how many findings have each combination of the facets' values; counted once a site.

    A finding of ICE or CBP counts for its department and for the bureau, which has a page of its own.
    """
    kept: Counter[tuple[str | None, ...]] | None = site.kept.get(("facets", ""))
    if kept is None:
        rows = site.register.rows(
            f"select rule, agency, outcome, subject, missing, bureau, count(*) from ({_STATES}) group by all"
        )
        kept = Counter()
        for rule, agency, outcome, subject, missing, bureau, number in rows:
            for whose in (agency, bureau) if agency == "DHS" and bureau in OFFICES else (agency,):
                kept[rule, whose, outcome, subject, missing] += number
        site.kept["facets", ""] = kept
    return kept


def is_bureau(agency: str | None) -> bool:
    """Return whether an agency is a bureau, whose findings count for its department too."""
    return agency in OFFICES


def count(site: Site, facets: Facets) -> int:
    """Return how many findings have all of these values."""
    wanted = {"outcome": "gap", **facets}
    # Without an agency, a bureau's findings would count twice.
    return sum(number for values, number in _among(site, wanted) if "agency" in wanted or not is_bureau(values[1]))


def options(site: Site, facets: Facets, facet: str) -> dict[str, int]:
    """Return the values that a facet can take beside the others, each with its count; the most frequent first."""
    wanted = {"outcome": "gap", **facets}
    wanted.pop(facet, None)
    return _options(_among(site, wanted), wanted, facet)


def _among(site: Site, wanted: Facets) -> list[tuple[tuple[str | None, ...], int]]:
    """Return the combinations of values that have all of these, with their counts."""
    places = [(FACETS.index(name), value) for name, value in wanted.items()]
    return [
        (values, number)
        for values, number in count_all(site).items()
        if all(values[place] == value for place, value in places)
    ]


def _options(among: Sequence[tuple[tuple[str | None, ...], int]], wanted: Facets, facet: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    place = FACETS.index(facet)
    for values, number in among:
        value = values[place]
        # Without an agency, a bureau's findings would count twice.
        if value is not None and (facet == "agency" or "agency" in wanted or not is_bureau(values[1])):
            found[value] += number
    if facet == "outcome":
        return {str(outcome): found[outcome] for outcome in OUTCOMES if found[outcome]}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def list_ready(site: Site) -> dict[str, int]:
    """Return the names of the lists that a site has ready-made, each with its count."""
    kept: dict[str, int] | None = site.kept.get(("ready lists", ""))
    if kept is None:
        found: Counter[str] = Counter()
        for values, number in count_all(site).items():
            for facets in _ready_of(dict(zip(FACETS, values, strict=True))):
                found[name_list(**facets)] += number
        kept = dict(sorted(found.items()))
        site.kept["ready lists", ""] = kept
    return kept


def _ready_of(values: Mapping[str, str | None]) -> Iterator[dict[str, str]]:
    """Give the facets of the ready-made lists to which findings of these values belong."""
    given = {facet: value for facet, value in values.items() if value is not None}
    if given["outcome"] == "gap":
        for facets in READY:
            if set(facets) <= given.keys() and ("agency" in facets or not is_bureau(values["agency"])):
                yield {facet: given[facet] for facet in facets}
    elif given["outcome"] in READY_OUTCOMES and not is_bureau(values["agency"]):
        yield {"rule": given["rule"], "outcome": given["outcome"]}


def find_listed(site: Site, facets: Facets, length: int | None = None, skip: int = 0) -> list[str]:
    """Return the ids of findings that have all of these values, or a part of them."""
    wanted = {"outcome": "gap", **facets}
    conditions = [
        "(agency = $agency or (agency = 'DHS' and bureau = $agency))" if facet == "agency" and is_bureau(value)
        else f"{facet} = ${facet}"
        for facet, value in wanted.items()
    ]  # fmt: skip
    # Which cell decided is looked up only where somebody asks for it: that is most of the work.
    source = _STATES if "missing" in wanted else _KINDS
    rows = site.register.rows(
        f"select finding from ({source}) where {' and '.join(conditions)} order by rule, agency, finding "
        f"{'' if length is None else 'limit $length offset $skip'}",
        {**wanted, **({} if length is None else {"length": length, "skip": skip})},
    )
    return [finding for (finding,) in rows]


def say(site: Site, facet: str, value: str) -> str:
    """Return a value as people read it."""
    if facet == "rule":
        return str(site.rules[value]["title"]) if value in site.rules else value
    if facet == "agency":
        return site.agencies.get(value, value)
    words = {"outcome": OUTCOME_WORDS, "subject": SUBJECTS, "missing": MISSING}[facet]
    return words.get(value, value)


def say_all(site: Site, facets: Facets) -> str:
    """Return what a list is of: "Gaps: Remedy or appeal, Department of Justice"."""
    said = [say(site, facet, value) for facet, value in facets.items() if facet != "outcome"]
    head = OUTCOME_WORDS.get(facets.get("outcome", "gap"), "Findings")
    return f"{head}: {', '.join(said)}" if said else head


def narrow(site: Site, facets: Facets) -> list[dict[str, Any]]:
    """Return by what else a list can be narrowed, with counts: {head, values: [{label, count, name}]}."""
    found: list[dict[str, Any]] = []
    wanted = {"outcome": "gap", **facets}
    # The same for every facet but the outcome, which stands for gaps where nobody chose one.
    among = _among(site, wanted)
    for facet in FACETS:
        if facet in facets or (facet == "missing" and facets.get("outcome", "gap") != "gap"):
            continue
        # A list says that it is of gaps by having no outcome.
        counts = options(site, facets, facet) if facet == "outcome" else _options(among, wanted, facet)
        given = [(value, number) for value, number in counts.items()
                 if not (facet == "outcome" and value == "gap")]  # fmt: skip
        if given and (len(given) > 1 or facet == "outcome"):
            values = [{"label": value if facet == "agency" else say(site, facet, value), "count": number,
                       "name": name_list(**facets, **{facet: value})} for value, number in given]  # fmt: skip
            found.append({"head": HEADS[facet], "values": values})
    return found


def read_choice(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the facets of a request, in their order; what is empty is none."""
    return {facet: asked[facet] for facet in FACETS if asked.get(facet, "").strip()}


def left_over(site: Site, facets: Facets) -> Sequence[str]:
    """Return the values of a request that no finding of the register has at all."""
    every = [{values[place] for values in count_all(site)} for place in range(len(FACETS))]
    return [value for facet, value in facets.items() if value not in every[FACETS.index(facet)]]
