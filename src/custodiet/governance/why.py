"""Why a duty has its status, in sentences."""

import re
from collections.abc import Sequence

from custodiet.governance.evidence import Piece
from custodiet.governance.statuses import Status

NOTHING = "Nothing at hand speaks to it: neither the register, nor a report or audit, nor a person's answer."
SHOWN = "What is at hand about it is shown, and decides nothing."
# The last sentence of a reason, which reasons of one rule share.
LAST = re.compile(r"(?<=[.”\"]) [A-Z][^.]*\.$")


def explain(status: Status, basis: str, pieces: Sequence[Piece]) -> str:
    """Return why a duty has its status, from the pieces that decided it."""
    deciding = [piece for piece in pieces if piece.status is not None and (piece.kind != "answer") == (basis != "answer")]
    if not deciding:
        return SHOWN if pieces else NOTHING
    if basis == "answer":
        return f"By a person's answer alone, which nobody here has checked. {deciding[0].says}"
    several = len({piece.subject for piece in deciding}) > 1
    reasons = [_close(f"{piece.subject}: {piece.says}" if several else piece.says) for piece in deciding]
    why = " ".join(_share_last(list(dict.fromkeys(reasons))))
    against = [piece for piece in pieces if piece.kind == "answer" and piece.status != status]
    if against:
        why += f" A person answers otherwise, and the record stands: {against[0].says}"
    return why


def _close(sentence: str) -> str:
    return sentence if sentence.endswith((".", ".”", '."', "?", "!")) else f"{sentence}."


def _share_last(reasons: list[str]) -> list[str]:
    """Say a last sentence that several reasons share once, at the end."""
    last = {found[0] if (found := LAST.search(reason)) else None for reason in reasons}
    if len(reasons) < 2 or len(last) != 1 or (shared := last.pop()) is None:
        return reasons
    return [*(reason.removesuffix(shared) for reason in reasons), shared.strip()]
