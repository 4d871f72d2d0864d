"""How Prisma 8 keeps its history and its migrations, as far as it takes to recognise them.

https://www.prisma.io/docs/orm/next/migrations/how-migrations-work
"""

import re
from collections.abc import Iterable

# One row a contract space, what was applied, and the contracts themselves.
CONTRACT_SCHEMA, CONTRACT_TABLES = "prisma_contract", frozenset({"marker", "ledger", "contract"})
# ``migrations/app/20260515T1200_add-users``, within a folder for each contract space.
# The settings may name that folder.
_PACKAGE = re.compile(r"(?:^|/)(?P<package>(?:[^/]+/)?[0-9]{8}T[0-9]{4,6}_[^/]+)$")


def migration_package(folders: Iterable[str], root: str = "") -> str | None:
    """Give the first folder below *root* that is a migration of Prisma 8: ``app/20260515T1200_add-users``."""
    below = (folder.removeprefix(root) for folder in folders if folder.startswith(root))
    found = (match["package"] for folder in below if (match := _PACKAGE.search(folder)))
    return min(found, default=None)
