"""What a document is about: a use case, a page of the catalogue, an award, an agency, a finding, or nothing."""

from collections.abc import Mapping
from typing import Any

from custodiet.documents.docket import Docket, find_entry
from custodiet.documents.kind import Kind
from custodiet.model.errors import DocumentError, QuestionError
from custodiet.model.text import echo
from custodiet.questions.findings import finding as find_finding
from custodiet.questions.scope import resolve_scope
from custodiet.questions.show import show
from custodiet.questions.stack import who_runs
from custodiet.store import Register

NOTHING: Mapping[str, Any] = {"kind": "none", "id": None, "name": None}


def find(
    register: Register, kind: Kind, subject: str | None, finding: str | None, docket: Docket | None = None
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Return the subject as `custodiet show` gives it (an agency as kind, id and name), and the finding where one was named.

    A finding brings its own subject.

    Raises:
        DocumentError: a subject is missing, of a kind that this document does not take, or means several things.
        QuestionError: the register has nothing of that name.
        DocketError: the docket has no such entry.

    """
    if kind.subjects == ("docket-entry",) and docket is not None:
        return find_entry(docket, kind, subject), None
    if finding is not None:
        if "finding" not in kind.subjects:
            raise DocumentError(f"{kind.kind} is about no finding; it takes {_taken(kind)}.")
        found = find_finding(register, finding)
        if subject is not None:
            raise DocumentError("A finding brings its own subject; give the one or the other.")
        return _of_finding(register, found["subject"]), found
    if subject is None:
        if "none" in kind.subjects:
            return NOTHING, None
        raise DocumentError(f"{kind.kind} needs a subject; it takes {_taken(kind)}.")
    if set(kind.subjects) <= {"none", "finding", "docket-entry"}:
        raise DocumentError(f"{kind.kind} takes {_taken(kind)}, and no subject {echo(subject)}; leave it out.")
    return _named(register, kind, subject), None


def _of_finding(register: Register, subject: Mapping[str, Any]) -> Mapping[str, Any]:
    if subject["kind"] in ("use-case", "award"):
        return show(register, subject["key"])
    slug = subject["key"].rpartition(":")[2]
    # A system that entries name has a page only where the catalogue has one.
    if subject["kind"] == "system" and register.rows("select 1 from pages where slug = $slug", {"slug": slug}):
        return show(register, slug)
    return {"kind": subject["kind"], "id": subject["id"], "name": subject["name"], "agency": subject["agency"]}


def _named(register: Register, kind: Kind, subject: str) -> Mapping[str, Any]:
    if "stack" in kind.subjects:
        agency = who_runs(register, subject)
        return {"kind": "agency", "id": agency, "name": agency}
    if "agency" in kind.subjects:
        try:
            resolve_scope(register, subject, None)
        except QuestionError:
            if set(kind.subjects) <= {"agency", "none", "finding"}:
                raise
        else:
            return {"kind": "agency", "id": subject.upper(), "name": subject.upper()}
    found = show(register, subject)
    if "candidates" in found:
        ids = ", ".join(f"{each['id']} ({each['kind']})" for each in found["candidates"][:6])
        raise DocumentError(f"{echo(subject)} may mean {ids}; draft about one of these ids.")
    if found["kind"] not in kind.subjects:
        raise DocumentError(f"{echo(subject)} is of the kind {found['kind']}, and {kind.kind} takes {_taken(kind)}.")
    return found


def _taken(kind: Kind) -> str:
    words = {
        "none": "no subject",
        "finding": "a finding (`--finding ID`)",
        "agency": "an agency",
        "stack": "an agency or office that runs systems",
        "award": "an award",
        "authority": "an authority",
        "docket-entry": "a paper of the docket, by its entry's number",
    }
    return " or ".join(words.get(each, f"a {each.replace('-', ' ')}") for each in kind.subjects)
