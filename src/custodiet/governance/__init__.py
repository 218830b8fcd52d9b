"""Governance: packs of duties, assessments against them, a register of risks, scenarios, records requests."""
