"""Two schemas as Prisma sees them: the one that ``schema.prisma`` is lowered to, and the one that migrations make.

`prisma migrate diff` reads the second one from a database, and compares no more than its schema language can say. What
is left out here, and what counts as the same, is what its describer and its differ do (schema-engine,
sql-schema-describer and sql_schema_differ of Prisma 7).
"""

from .view import Objects, compared_by_prisma

__all__ = ["Objects", "compared_by_prisma"]
