"""Many reports of one moment, seen together: a line a target, and which migration is where."""

from .summary import Matrix, Row, matrices, rows

__all__ = ["Matrix", "Row", "matrices", "rows"]
