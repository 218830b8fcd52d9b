"""What is awaited of the requests that somebody sent, on a day."""

import datetime as dt
from typing import Any

from custodiet.governance.deadlines import Step
from custodiet.governance.requests import Request


def list_requests(requests: dict[str, Request]) -> list[dict[str, Any]]:
    """Return every request as a row: what was sent, to whom, when, under which law, and its state."""
    rows = []
    for request in requests.values():
        trace = request.trace()
        rows.append(
            {
                "id": request.sent.id, "sent": request.sent.date, "to": request.sent.to, "subject": request.sent.subject,
                "by": request.sent.by, "law": request.law.code, "citation": request.law.citation, "state": request.state,
                "received": trace.received if trace else None, "due": trace.due if trace else None,
                "finding": request.sent.finding,
                "events": [event.model_dump(mode="json", exclude_none=True) for event in request.events],
            }
        )  # fmt: skip
    return rows


# Which steps matter in which state.
AWAITED = {
    "open": ("expedition", "acknowledgement", "determination", "extension", "production", "silence", "appeal"),
    "stopped": ("determination",),
    "granted": ("production",),
    "refused": ("appeal",),
    "appealed": ("appeal decision",),
}


def list_due(requests: dict[str, Request], as_of: dt.date) -> list[dict[str, Any]]:
    """Return what is awaited of each request on a day, soonest first; what has no day comes last.

    Each row has the step, its date, who acts, whether that day is `over`, `due` or `unknown` (for what follows silence, `now`
    or `later`), whether the step's ground is verified, and its text.
    """
    rows = [row for request in requests.values() for row in _due_of(request, as_of)]
    return sorted(rows, key=lambda row: (row["date"] is None, row["date"] or as_of, row["id"]))


def _due_of(request: Request, as_of: dt.date) -> list[dict[str, Any]]:
    trace = request.trace()
    if trace is None:
        text = "It went by post, and the day of its arrival is not written down; no day can be computed."
        return [_due_row(request, None, as_of, "unknown", text)]
    steps = [step for step in trace.steps if step.key in AWAITED[request.state] and not _is_done(request, step)]
    if not steps and request.state == "appealed":
        return [_due_row(request, None, as_of, "unknown", "The law, as this pack has it, gives no day for the decision.")]
    return [_due_row(request, step, as_of, _timing(step, as_of), step.sentence) for step in steps]


def _is_done(request: Request, step: Step) -> bool:
    """Tell whether nothing is awaited: acknowledged already, the extension taken or not, nothing refused yet."""
    acknowledged = request.last(("acknowledged", "extended", "question")) is not None
    extended = request.last(("extended",)) is not None
    return (step.key == "acknowledgement" and acknowledged) or (
        (step.key == "extension" and not extended)
        or (step.key == "determination" and extended)
        or (step.key == "appeal" and request.state == "open" and step.date is None)
    )


def _timing(step: Step, as_of: dt.date) -> str:
    if step.date is None:
        return "unknown"
    # What follows silence may be done from its day on; a due day is over when the next one begins.
    if step.key == "silence":
        return "now" if as_of >= step.date else "later"
    return "over" if as_of > step.date else "due"


def _due_row(request: Request, step: Step | None, as_of: dt.date, timing: str, text: str) -> dict[str, Any]:
    return {
        "id": request.sent.id, "to": request.sent.to, "subject": request.sent.subject, "state": request.state,
        "step": step.key if step else "unknown", "actor": step.actor if step else None, "date": step.date if step else None,
        "days_left": (step.date - as_of).days if step and step.date else None, "timing": timing,
        "citation": step.provision.cite if step and step.provision else None,
        "verified": step.verified if step else None, "text": text,
    }  # fmt: skip
