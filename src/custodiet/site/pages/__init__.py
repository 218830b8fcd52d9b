"""The kinds of pages, one module each: plain data from questions, and no web."""

from custodiet.site.page import Kind
from custodiet.site.pages import awards, catalogue, documents, front, use_cases

KINDS: tuple[Kind, ...] = (*front.KINDS, *catalogue.KINDS, *use_cases.KINDS, *awards.KINDS, *documents.KINDS)
