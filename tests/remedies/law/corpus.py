"""Migrations of the kinds that Prisma and people write, over a few tables with rows: what random states are made of.

Every template takes columns of its own, so that any of them go together. What a statement needs of the rows, they have;
``spoils`` takes that away, and ``fixes`` gives it back exactly as it was.
"""

from dataclasses import dataclass, field
from random import Random

PLACES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One statement. *spoils*: SQL after which the rows make it fail; *fixes* undoes that.

    *by_hand*: what a person runs instead, where a later migration has set again what the statement sets or needs, or what
    default privileges came too late for. *passing*: all that it does ends with its session.
    """

    sql: str
    spoils: str = ""
    fixes: str = ""
    by_hand: str = ""
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A migration's statements. *alone*: nothing may stand beside them in a file."""

    lines: tuple[Line, ...]
    kind: str
    alone: bool = False


@dataclass(slots=True)
class Places:
    """What is still free of the base's columns and numbers; *coming*: a real application's next migrations, instead."""

    random: Random
    coming: list[tuple[str, Script]] | None = None
    taken: dict[str, int] = field(default_factory=dict)
    # What a later migration may make again, and what the one that is being written makes.
    made: list[str] = field(default_factory=list)
    making: list[str] = field(default_factory=list)

    def next(self, what: str) -> int:
        self.taken[what] = self.taken.get(what, 0) + 1
        return self.taken[what]


def base() -> Script:
    """Three tables with rows, and a column of each kind for each template that may want one."""
    each = range(1, PLACES + 1)
    user = "".join(f", u{n} text, n{n} text, r{n} text, d{n} text, a{n} int" for n in each)
    post = "".join(f", f{n} int, k{n} int, c{n} text, e{n} text, g{n} int" for n in each)
    lines = [
        'CREATE TYPE "Role" AS ENUM (\'USER\', \'ADMIN\');',
        f'CREATE TABLE "User" (id int NOT NULL, email text, score bigint NOT NULL DEFAULT 0, "role" "Role" NOT NULL DEFAULT \'USER\'{user}, CONSTRAINT "User_pkey" PRIMARY KEY (id));',
        f'CREATE TABLE "Post" (id int NOT NULL, title text, "authorId" int, likes bigint NOT NULL DEFAULT 0{post}, CONSTRAINT "Post_pkey" PRIMARY KEY (id));',
        'CREATE TABLE "Ledger" (tag text);',
        *(f'CREATE TABLE "Old{n}" (id int PRIMARY KEY, note text);' for n in each),
        *(f'CREATE TYPE "Kind{n}" AS ENUM (\'A\', \'B\');' for n in each),
        *(f'ALTER TABLE "Post" ADD COLUMN t{n} "Kind{n}" NOT NULL DEFAULT \'A\';' for n in each),
        *(f'CREATE INDEX "User_a{n}_idx" ON "User" (a{n});' for n in each),
        *(f'ALTER TABLE "Post" ADD CONSTRAINT "Post_g{n}_fkey" FOREIGN KEY (g{n}) REFERENCES "User" (id) ON DELETE SET NULL ON UPDATE CASCADE;' for n in each),
        *(f'CREATE VIEW "Seen{n}" AS SELECT id, title FROM "Post";' for n in each),
    ]  # fmt: skip
    return Script(tuple(map(Line, lines)), "base")


def rows() -> str:
    """What the application has written since."""
    each = range(1, PLACES + 1)
    user = ["id", "email", *(f"{c}{n}" for n in each for c in "unrda")]
    post = ["id", "title", '"authorId"', *(f"{c}{n}" for n in each for c in "fkceg")]
    user_values = [
        ", ".join([str(i), f"'u{i}@example.com'", *(v for n in each for v in (f"'u{i}'", f"'n{i}'", f"'r{i}'", f"'d{i}'", str(i * n)))])
        for i in range(1, 7)
    ]  # fmt: skip
    post_values = [
        ", ".join([str(i), f"'title {i}'", str(i), *(v for _ in each for v in (str(i), str(i * 10), f"'{i * 100}'", "'A'" if i % 2 else "'B'", str(i)))])
        for i in range(1, 7)
    ]  # fmt: skip
    olds = " ".join(f"INSERT INTO \"Old{n}\" VALUES (1, 'kept');" for n in each)
    return (
        f'INSERT INTO "User" ({", ".join(user)}) VALUES ({"), (".join(user_values)});\n'
        f'INSERT INTO "Post" ({", ".join(post)}) VALUES ({"), (".join(post_values)});\n{olds}'
    )
