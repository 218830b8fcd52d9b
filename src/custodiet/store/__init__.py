"""The register's file: its schema, how it is opened, and how it is published. Nobody else opens a connection."""

from custodiet.store.database import Register, building, open_register

__all__ = ["Register", "building", "open_register"]
