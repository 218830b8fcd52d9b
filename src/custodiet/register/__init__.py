"""Build a register: read -> type -> resolve -> link -> run the rules -> publish one file."""
