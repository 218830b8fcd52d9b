"""What lists of privacy notices share: numbers, days, and what a notice does."""
