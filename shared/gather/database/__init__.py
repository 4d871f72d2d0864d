from shared.gather.database.reading import read_database

__all__ = ["read_database"]
