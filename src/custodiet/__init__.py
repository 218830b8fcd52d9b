"""Custodiet."""
