"""Documents: what was found, as reports that stand alone."""
