"""A register of risks for high-risk uses, each traceable to what shows it."""

from custodiet.governance.risks.register import ControlState, Risk, list_risks
from custodiet.governance.risks.schema import LIKELIHOODS, RATINGS, SEVERITIES

__all__ = ["LIKELIHOODS", "RATINGS", "SEVERITIES", "ControlState", "Risk", "list_risks"]
