"""An application that never was: its migrations, as long, as wide and as mixed as asked for, the same every time.

The mix is that of real applications on Prisma (counted over 3,837 migrations of 18 of them: 3.7 statements each).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

from shared.demo.incident import HISTORY_TABLE
from shared.demo.private_postgres import PrivatePostgres

_STATEMENTS = 4
# A new table's columns in turn, as `prisma migrate` writes them.
_COLUMNS = (
    ('"name"', "TEXT NOT NULL"),
    ('"createdAt"', "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP"),
    ('"ownerId"', "INTEGER"),
    ('"status"', "TEXT NOT NULL DEFAULT 'new'"),
    ('"price"', "DECIMAL(65,30)"),
    ('"archived"', "BOOLEAN NOT NULL DEFAULT false"),
    ('"settings"', "JSONB NOT NULL DEFAULT '{}'"),
    ('"position"', "INTEGER NOT NULL DEFAULT 0"),
    ('"tags"', "TEXT[] DEFAULT ARRAY[]::TEXT[]"),
    ('"updatedAt"', "TIMESTAMP(3) NOT NULL"),
    ('"token"', "UUID NOT NULL DEFAULT gen_random_uuid()"),
)
_NEW_COLUMNS = ("TEXT", "INTEGER NOT NULL DEFAULT 0", "TIMESTAMP(3)", "BOOLEAN NOT NULL DEFAULT false", "VARCHAR(80)")


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    script: bytes


@dataclass(slots=True)
class _Table:
    name: str
    columns: list[str]
    indexes: list[str] = field(default_factory=list)
    foreign_keys: list[str] = field(default_factory=list)

    def is_free(self, column: str) -> bool:
        return not any(column in name for name in (*self.indexes, *self.foreign_keys))


def mixed(migrations: int, tables: int) -> list[Migration]:
    """A history of so many *migrations* that leaves so many *tables* of all the changes that histories are made of."""
    return [_migration(number, script) for number, script in enumerate(_Mixed(tables, migrations).scripts())]


def wide(tables: int, columns: int = 20, a_migration: int = 50) -> list[Migration]:
    """So many *tables* of so many *columns*, each with a serial key, an index and a foreign key to the one before."""
    names = [f"Table{number}" for number in range(tables)]
    batches = [range(first, min(first + a_migration, tables)) for first in range(0, tables, a_migration)]
    return [
        _migration(number, [each for one in batch for each in _wide_table(names, one, columns)])
        for number, batch in enumerate(batches)
    ]


def deploy(migrations: list[Migration], server: PrivatePostgres, database: str, release: Path) -> str:
    """Run *migrations* in a new *database* as Prisma would have, write them to *release*; give the database's URL."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(server.url(database), autocommit=True) as production:
        production.execute(HISTORY_TABLE)
        for migration in migrations:
            production.execute(migration.script)
        with production.cursor().copy(
            "COPY _prisma_migrations (id, checksum, migration_name, started_at, finished_at) FROM STDIN"
        ) as history:
            for number, migration in enumerate(migrations):
                checksum = sha256(migration.script).hexdigest()
                history.write_row((str(number), checksum, migration.name, "2024-01-01", "2024-01-01 00:00:01"))
        # As autovacuum would have by the time that anyone looks.
        production.execute("ANALYZE")
    write(migrations, release)
    return server.url(database)


def write(migrations: list[Migration], release: Path) -> None:
    """Put *migrations* into the folder *release*."""
    for migration in migrations:
        (release / migration.name).mkdir(parents=True)
        (release / migration.name / "migration.sql").write_bytes(migration.script)
    (release / "migration_lock.toml").write_text('provider = "postgresql"\n')


def _migration(number: int, statements: list[str]) -> Migration:
    return Migration(f"{20240101000000 + number}_change_{number}", "\n\n".join(statements).encode())


def _wide_table(names: list[str], number: int, columns: int) -> Iterator[str]:
    name = names[number]
    # Each round of columns has a number, so that names stay different.
    more = (
        (
            f'{_COLUMNS[place % len(_COLUMNS)][0][:-1]}{place // len(_COLUMNS) or ""}"',
            _COLUMNS[place % len(_COLUMNS)][1],
        )
        for place in range(columns - 1)
    )
    yield _create_table(name, [f"{column} {definition}" for column, definition in more])
    yield f'CREATE INDEX "{name}_name_idx" ON "{name}"("name");'
    if number:
        yield _foreign_key(name, "ownerId", names[number - 1])


def _create_table(name: str, columns: list[str]) -> str:
    lines = ['"id" SERIAL NOT NULL', *columns, f'\n    CONSTRAINT "{name}_pkey" PRIMARY KEY ("id")']
    return f'-- CreateTable\nCREATE TABLE "{name}" (\n    ' + ",\n    ".join(lines) + "\n);"


def _foreign_key(table: str, column: str, other: str) -> str:
    return (
        f'-- AddForeignKey\nALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_fkey" FOREIGN KEY ("{column}") '
        f'REFERENCES "{other}"("id") ON DELETE SET NULL ON UPDATE CASCADE;'
    )


class _Mixed:
    def __init__(self, tables: int, migrations: int) -> None:
        self._random = Random(0)
        self._wanted = tables
        self._migrations = migrations
        self._tables: list[_Table] = []
        self._enums: list[str] = []
        self._count = 0
        # The share in a hundred statements.
        self._changes: dict[Callable[[_Table], Iterator[str]], int] = {
            self._add_column: 20,
            self._create_index: 18,
            self._add_foreign_key: 14,
            self._update: 5,
            self._drop_foreign_key: 5,
            self._drop_column: 4,
            self._create_enum: 4,
            self._drop_index: 3,
            self._add_value: 2,
            self._alter_type: 2,
            self._set_default: 2,
            self._drop_not_null: 1,
            self._rename_column: 1,
            self._rename_index: 1,
            self._rename_table: 1,
        }

    def scripts(self) -> Iterator[list[str]]:
        for number in range(self._migrations):
            due = self._wanted * (number + 1) // self._migrations
            statements = [self._create_table() for _ in range(due - len(self._tables))]
            while len(statements) < _STATEMENTS and self._tables:
                change = self._random.choices(list(self._changes), list(self._changes.values()))[0]
                statements += change(self._random.choice(self._tables))
            yield statements or ["-- This is an empty migration."]

    def _new_name(self, word: str) -> str:
        self._count += 1
        return f"{word}{self._count}"

    def _create_table(self) -> str:
        table = _Table(self._new_name("Table"), [])
        self._tables.append(table)
        return _create_table(table.name, [f"{column} {definition}" for column, definition in _COLUMNS[:8]])

    def _add_column(self, table: _Table) -> Iterator[str]:
        column = self._new_name("field")
        table.columns.append(column)
        kind = self._random.choice(_NEW_COLUMNS)
        yield f'-- AlterTable\nALTER TABLE "{table.name}" ADD COLUMN     "{column}" {kind};'

    def _create_index(self, table: _Table) -> Iterator[str]:
        if table.columns:
            column = self._random.choice(table.columns)
            index = self._new_name(f"{table.name}_{column}_idx")
            table.indexes.append(index)
            unique = self._random.choice(("", "", "UNIQUE "))
            yield f'-- CreateIndex\nCREATE {unique}INDEX "{index}" ON "{table.name}"("{column}", "position" DESC);'

    def _add_foreign_key(self, table: _Table) -> Iterator[str]:
        column = self._new_name("otherId")
        table.foreign_keys.append(f"{table.name}_{column}_fkey")
        yield f'-- AlterTable\nALTER TABLE "{table.name}" ADD COLUMN     "{column}" INTEGER;'
        yield _foreign_key(table.name, column, self._random.choice(self._tables).name)

    def _update(self, table: _Table) -> Iterator[str]:
        yield f"""UPDATE "{table.name}" SET "status" = 'it''s new' WHERE "status" = 'new';"""

    def _drop_foreign_key(self, table: _Table) -> Iterator[str]:
        if table.foreign_keys:
            yield f'-- DropForeignKey\nALTER TABLE "{table.name}" DROP CONSTRAINT "{table.foreign_keys.pop()}";'

    def _drop_column(self, table: _Table) -> Iterator[str]:
        column = next(filter(table.is_free, table.columns), None)
        if column is not None:
            table.columns.remove(column)
            yield f'-- AlterTable\nALTER TABLE "{table.name}" DROP COLUMN "{column}";'

    def _create_enum(self, table: _Table) -> Iterator[str]:
        enum, column = self._new_name("Kind"), self._new_name("kind")
        self._enums.append(enum)
        yield f"-- CreateEnum\nCREATE TYPE \"{enum}\" AS ENUM ('FIRST', 'SECOND', 'THIRD');"
        yield f'ALTER TABLE "{table.name}" ADD COLUMN     "{column}" "{enum}" NOT NULL DEFAULT \'FIRST\';'

    def _drop_index(self, table: _Table) -> Iterator[str]:
        if table.indexes:
            yield f'-- DropIndex\nDROP INDEX "{table.indexes.pop()}";'

    def _add_value(self, _: _Table) -> Iterator[str]:
        if self._enums:
            enum, value = self._random.choice(self._enums), self._new_name("VALUE")
            yield f"-- AlterEnum\nALTER TYPE \"{enum}\" ADD VALUE '{value}';"

    def _alter_type(self, table: _Table) -> Iterator[str]:
        yield f'-- AlterTable\nALTER TABLE "{table.name}" ALTER COLUMN "position" SET DATA TYPE BIGINT;'

    def _set_default(self, table: _Table) -> Iterator[str]:
        yield f'ALTER TABLE "{table.name}" ALTER COLUMN "position" SET DEFAULT {self._random.randrange(100)};'

    def _drop_not_null(self, table: _Table) -> Iterator[str]:
        yield f'ALTER TABLE "{table.name}" ALTER COLUMN "status" DROP NOT NULL;'

    def _rename_column(self, table: _Table) -> Iterator[str]:
        column = next(filter(table.is_free, table.columns), None)
        if column is not None:
            new = self._new_name("renamed")
            table.columns[table.columns.index(column)] = new
            yield f'ALTER TABLE "{table.name}" RENAME COLUMN "{column}" TO "{new}";'

    def _rename_index(self, table: _Table) -> Iterator[str]:
        if table.indexes:
            column = table.indexes[-1].split("_")[1]
            old, table.indexes[-1] = table.indexes[-1], self._new_name(f"{table.name}_{column}_key")
            yield f'-- RenameIndex\nALTER INDEX "{old}" RENAME TO "{table.indexes[-1]}";'

    def _rename_table(self, table: _Table) -> Iterator[str]:
        old, table.name = table.name, self._new_name("Renamed")
        yield f'ALTER TABLE "{old}" RENAME TO "{table.name}";'
