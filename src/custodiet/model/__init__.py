"""The words of the project as plain types: no input, no output."""
