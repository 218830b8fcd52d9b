"""OMB's consolidated inventories: their description is data, their reader is that of all inventories."""
