"""An entry of an inventory in its own words, question by question."""

from collections.abc import Iterable, Mapping
from typing import Any


def answers_of(subject: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return a use case's answers by question; nothing of what is none."""
    return {answer["field"]: answer for answer in subject.get("answers", [])}


def answer_lines(answers: Mapping[str, Any], fields: Iterable[str]) -> list[dict[str, Any]]:
    """Return the questions that its form asks and it answers, each with the words published, their state and their cell."""
    return [
        {"question": answers[field]["question"], "said": answers[field]["text"], "state": answers[field]["state"],
         "citation": answers[field]["citation"]}
        for field in fields
        if field in answers and (answers[field]["text"] or "").strip() and answers[field]["state"] != "not-asked"
    ]  # fmt: skip
