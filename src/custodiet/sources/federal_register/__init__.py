"""Pages of the Federal Register's API: their description is data, their reader is that of all notices."""
