"""Checks of records against duties. One rule is one Markdown page: its text, its SQL, and an example that is run."""
