"""Vendors' names under their identifiers, as the Federal Procurement Data System recorded them."""
