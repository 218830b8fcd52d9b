"""The kinds of pages, one module each: plain data from questions, and no web."""

from custodiet.site.page import Kind
from custodiet.site.pages import awards, catalogue, documents, findings, front, use_cases, vendors

KINDS: tuple[Kind, ...] = (
    *front.KINDS, *catalogue.KINDS, *vendors.KINDS, *use_cases.KINDS, *awards.KINDS, *findings.KINDS, *documents.KINDS,
)  # fmt: skip
