"""What a cell tells, as SQL over distinct values: masks, exemptions, placeholders, and the rest."""

from custodiet.access_log.words import STATES
from custodiet.store.database import literal

# Codes for the states of parsed cells, which are kept row by row: the position in STATES.
CODES = {state: number for number, state in enumerate(STATES)}
# Two readers of a PDF read different things; no file holds this text (a character of Unicode's private use).
UNREADABLE = "\ue000"

VENDOR_MARK = r"\*{3,}"
AGENCY_MASK = (
    r"[\[(<{]?\s*redact(ed|ion)?\s*[\])>}]?|#{2,}|[█■▇▓▒░▬]+|(\*\s+)+\*|x{4,}|-{4,}|_{3,}|masked|\[?withheld\]?|\[?removed\]?"
)
# Exemptions of public records laws: FOIA's (b)(7)(E), California's Government Code 7920 to 7931, Washington's RCW 42.56,
# Oregon's ORS 192, Illinois's 5 ILCS 140, Texas's Gov't Code 552. Chapters of criminal law are reasons, and no exemptions.
EXEMPTION = (
    r"\(?b\)?\s*\(?[1-9]\)?\s*(\(?[a-f]\)?)?|(gov(ernment|')?t?\.?\s*code\s*(§|sec(tion|\.)?)?\s*)?"
    r"(79[23]\d(\.\d+)?|6254|552\.\d+)\s*(\([a-z0-9]+\)\s*)*(gc|gov(ernment|')?t?\.?\s*code)?"
    r"|rcw\s*42\.56(\.\d+)?.{0,20}|ors\s*192\.\d+.{0,20}|5\s*ilcs\s*140.{0,20}|exempt(ion)?\b.{0,40}"
)
# A pattern and no list: DuckDB turns a long list into a join, which loses the order of a file's rows.
PLACEHOLDER = r"none|n/?a|-+|x{1,3}|[*]|[.]|0|test|null|nil|unk|tbd|[?]"
# A name cut to an initial and three letters, as network audits have it.
CUT_NAME = r"[A-Za-z]\.\s?[A-Za-z'-]{1,3}\.?"

# Where a bare number of a law would be a value: only these columns can hold an exemption in place of a cell.
# Most of many distinct plates and case numbers are of these forms, and of no form of a mask or of filler.
PLAIN = {"plate": "[A-Z0-9]{0,4}[0-9][A-Z0-9]{4}|[A-Z]{3,5}[0-9]{1,4}", "case_number": "[0-9][0-9-]{4,20}"}
_EXEMPTED = ("searcher", "plate", "reason", "case_number", "organisation", "filters", "prompt")


def state_sql(column: str, text: str, otherwise: str = "value") -> str:
    """Return SQL for the state of a text of a column; `otherwise` is that of a text that is no mask and no filler."""
    bare = f"trim({text}, ' \\t\\r\\n')".replace("\\t\\r\\n", "\t\r\n")
    low = f"lower({bare})"
    cases = [
        f"when {text} is null then 'not_exported'",
        f"when {bare} = '' then 'empty'",
        f"when {text} = {literal(UNREADABLE)} then 'unreadable'",
        f"when regexp_matches({bare}, '^({VENDOR_MARK})$') then 'masked_vendor_marker'",
        f"when regexp_matches({low}, '^({AGENCY_MASK})$') then 'masked_agency'",
    ]
    if column in _EXEMPTED:
        cases.append(f"when regexp_matches({low}, {literal(f'^({EXEMPTION})$')}) then 'exemption_citation'")
    if column == "searcher":
        cases.append(f"when regexp_matches({bare}, {literal(f'^({CUT_NAME})$')}) then 'partial'")
    elif column in _EXEMPTED and column != "filters":
        cases.append(f"when regexp_matches({bare}, '\\*{{3,}}') then 'partial'")
    if column not in ("search_type", "moderation"):
        cases.append(
            f"when regexp_matches({low}, {literal(f'^({PLACEHOLDER})$')}) or not regexp_matches({low}, '[0-9\\p{{L}}]') "
            "then 'placeholder'"
        )
    return f"case {' '.join(cases)} else {literal(otherwise)} end"


def parsed_state_sql(column: str, has: str, left: str) -> str:
    """Return SQL for the code of the state of a time or count.

    `has` tells whether the file has the column; `left` is the cell's text where it was not parsed, and null where it was, so
    that nothing is computed for the many that were.
    """
    names = ", ".join(map(literal, STATES))
    found = f"list_position([{names}], {state_sql(column, left, otherwise='unparsed')}) - 1"
    told = f"when not {has} then {CODES['not_exported']} when {left} is null then {CODES['value']}"
    return f"case {told} else {found} end::utinyint"
