"""The test bench: measures of what other people's systems returned, against truth that the tester holds."""
