"""The kinds of pages, one module each: plain data from questions, and no web."""

from custodiet.site.page import Kind
from custodiet.site.pages import awards, front

KINDS: tuple[Kind, ...] = (*front.KINDS, *awards.KINDS)
