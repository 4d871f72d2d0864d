"""Failing: which statement of a script a recorded error points to.

By what the server reports to programs and quotes in its message, whatever language that is in: names of constraints,
indexes, columns and types, the SQLSTATE, the position. Words of English decide nothing.
"""

from .statements import failing_statements

__all__ = ["failing_statements"]
