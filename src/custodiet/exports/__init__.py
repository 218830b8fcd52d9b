"""Lists as files: JSON, CSV and spreadsheets, the same bytes for the same register."""
