"""Facts written by hand: one page a system, vendor, feed or authority; every claim with its sources."""
