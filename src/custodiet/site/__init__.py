"""The explorer: pages over a register, served on the own machine or published as static files."""
