"""The command line: one thin module a verb. Each asks a question and prints the answer."""
