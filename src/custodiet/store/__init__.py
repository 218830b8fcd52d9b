"""The register's file: its schema, how it is opened, and how it is published. Nobody else opens a connection."""

from custodiet.store.database import Register, building, memory_register, open_register

__all__ = ["Register", "building", "memory_register", "open_register"]
