from .reading import read_database, read_schema, watched_schema

__all__ = ["read_database", "read_schema", "watched_schema"]
