"""DHS's own workbook: its description is data, its reader is that of all inventories."""
