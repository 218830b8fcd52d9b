"""Contract spending as USAspending.gov publishes it."""
