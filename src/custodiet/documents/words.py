"""The engine's own words, in the languages that documents come in."""

import datetime as dt
from pathlib import Path
from typing import Literal

from custodiet.model.plain_yaml import load_yaml

Language = Literal["en", "es"]

WORDS: dict[str, dict[str, str]] = load_yaml((Path(__file__).parent / "words.yml").read_text("utf-8"))
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def say_day(day: dt.date, language: Language = "en") -> str:
    """Return a day as people write it: November 22, 2026, or 22 de noviembre de 2026."""
    month = MONTHS[language].split()[day.month - 1]
    return f"{month} {day.day}, {day.year}" if language == "en" else f"{day.day} de {month} de {day.year}"
