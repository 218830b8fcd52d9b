"""`python -m custodiet`."""

from custodiet.cli.app import main

main()
