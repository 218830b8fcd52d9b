"""The kinds of pages, one module each: plain data from questions, and no web."""

from custodiet.site.page import Kind
from custodiet.site.pages import (
    agencies,
    awards,
    catalogue,
    documents,
    findings,
    front,
    letters,
    matrix,
    notices,
    reading,
    rules,
    sources,
    stacks,
    use_cases,
    vendors,
    years,
)

KINDS: tuple[Kind, ...] = (
    *front.KINDS,
    *reading.KINDS,
    *catalogue.KINDS,
    *vendors.KINDS,
    *agencies.KINDS,
    *matrix.KINDS,
    *stacks.KINDS,
    *use_cases.KINDS,
    *years.KINDS,
    *awards.KINDS,
    *notices.KINDS,
    *findings.KINDS,
    *letters.KINDS,
    *rules.KINDS,
    *sources.KINDS,
    *documents.KINDS,
)
