"""Drawings as SVG text, from plain data and nothing else: the stack, timelines, chains of evidence, the matrix, outcomes."""
