"""An index of system of records notices: its description is data, its reader is that of all notices."""
