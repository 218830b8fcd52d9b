"""Notices of what agencies mean to buy."""
