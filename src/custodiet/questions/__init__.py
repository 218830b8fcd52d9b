"""What one can ask of a register. Each question is a function: a register first, then words, then plain data back."""

from custodiet.questions.awards import award, awards
from custodiet.questions.changes import diff_transactions
from custodiet.questions.cite import cite
from custodiet.questions.compare import compare
from custodiet.questions.diff import diff
from custodiet.questions.findings import count_findings, finding, findings
from custodiet.questions.matrix import matrix
from custodiet.questions.notices import notices, solicitations
from custodiet.questions.organisations import organisation, organisations
from custodiet.questions.proposals import proposal, proposals
from custodiet.questions.reliance import dependence, exposure
from custodiet.questions.rules import rule, rules
from custodiet.questions.search import search
from custodiet.questions.show import candidates, show
from custodiet.questions.sources import sources
from custodiet.questions.spend import spend
from custodiet.questions.stack import stack
from custodiet.questions.summary import summarise
from custodiet.questions.trace import trace

__all__ = [
    "award",
    "awards",
    "candidates",
    "cite",
    "compare",
    "count_findings",
    "dependence",
    "diff",
    "diff_transactions",
    "exposure",
    "finding",
    "findings",
    "matrix",
    "notices",
    "organisation",
    "organisations",
    "proposal",
    "proposals",
    "rule",
    "rules",
    "search",
    "show",
    "solicitations",
    "sources",
    "spend",
    "stack",
    "summarise",
    "trace",
]
