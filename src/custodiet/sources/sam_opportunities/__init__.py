"""Contract opportunities of SAM.gov."""
