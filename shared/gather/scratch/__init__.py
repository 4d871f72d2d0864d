"""A scratch PostgreSQL: migrations are run there, in a database of their own that is dropped afterwards."""
