"""Duties and what follows from them: packs, records requests and their deadlines."""
