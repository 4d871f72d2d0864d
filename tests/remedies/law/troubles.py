"""What brings a production into trouble, and what people do then by hand, by the dice of its world."""

import re
from collections.abc import Sequence

from tests.remedies.law.corpus import Line, Places, Script
from tests.remedies.law.templates import FAILING, TEMPLATES, Template, composed, script_made_again
from tests.remedies.law.world import (
    Fix,
    UnwantedStateError,
    World,
    is_data,
    is_traceless,
    sets_transaction,
    shows_what_ran,
    text_of,
    word_of,
)

BASE = "20250101000000_base"
_ALTERED = re.compile(r'(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX "?\w+"? ON) ("?\w+"?)')


def release(world: World, places: Places, templates: Sequence[Template] = TEMPLATES, most: int = 3) -> str:
    """Release a migration."""
    if places.coming is not None:
        return release_next(world, places)
    return release_script(world, composed(places, templates, world.random.randint(1, most)))


def release_script(world: World, script: Script) -> str:
    number = len(world.wanted)
    name = f"2025010{number + 1}000000_{'abcdefghi'[number - 1]}"
    world.ship(name, script)
    return name


def release_next(world: World, places: Places) -> str:
    if not places.coming:
        raise UnwantedStateError("the application has no more")
    name, script = places.coming.pop(0)
    world.ship(name, script)
    return name


def release_again(world: World, places: Places) -> str:
    return (
        release_next(world, places) if places.coming is not None else release_script(world, script_made_again(places))
    )


def deploy_some(world: World, places: Places) -> None:
    """Up to two migrations that were deployed as they should be."""
    names = [release(world, places) for _ in range(world.random.randint(0, 2))]
    if names:
        world.deploy()


def release_later(world: World, places: Places) -> list[str]:
    """Up to two that wait behind the trouble; one of them may make again what an earlier one makes."""
    names = []
    for _ in range(world.random.randint(0, 2)):
        if places.made and world.random.random() < 0.5:
            names.append(release_again(world, places))
        else:
            names.append(release(world, places, most=2))
    return names


def spoil(world: World, name: str) -> Line:
    """Make one statement of *name* fail: its rows are not as it needs them, or something by its name is in the way."""
    lines = world.scripts[name].lines
    likely = [line for line in lines if line.spoils]
    if not likely:
        raise UnwantedStateError("nothing in it fails")
    line = world.random.choice(likely)
    world.spoil(name, line)
    return line


def fix(world: World) -> None:
    for fix in world.fixes:
        world.psql(fix.sql)
    world.fixes.clear()


def fail(world: World, places: Places) -> str:
    """A migration that failed at one of its statements."""
    if places.coming is None and world.random.random() < 0.8:
        name = release(world, places, FAILING)
        spoil(world, name)
        world.fail(name)
    else:
        name = release(world, places)
        _stop(world, name)
    return name


def _stop(world: World, name: str) -> None:
    """Make *name* fail at what is in nobody's files: a lock that somebody holds, or something by a name that it wants."""
    lines = world.scripts[name].lines
    others = [other for line in lines if (other := other_than(line))]
    if others and world.random.random() < 0.3:
        made, gone = world.random.choice(others)
        world.try_psql(made)
        world.fixes.append(Fix(name, gone))
        world.fail(name)
        return
    tables = [found[1] for line in lines if (found := _ALTERED.match(line.sql))]
    if not tables:
        raise UnwantedStateError("it alters no table")
    with world.locked(world.random.choice(tables)):
        world.fail(name)


# What people do to a migration by hand.


def some(world: World, places: Sequence[int]) -> list[int]:
    return [at for at in places if world.random.random() < 0.6]


def repair(world: World, name: str, *, begun: bool = False) -> None:
    """Run more of what is missing: a few statements, the next ones, all of the file once more, or its DDL.

    Of one that was never *begun*, what would show proves whether anybody has run it.
    """
    lines = world.scripts[name].lines
    missing = world.missing(name)
    how = world.random.choice(["some", "next", "file", "ddl", "rest"])
    # Who picks statements picks none out of a transaction.
    within = _in_transactions(lines)
    single = [at for at in missing if at not in within]
    before = list(world.ran[name])
    if how == "some":
        world.hand(name, some(world, single))
    elif how == "next":
        world.hand(name, single[: world.random.randint(1, len(single))] if single else [])
    elif how == "rest":
        world.hand(name, missing)
    elif how == "ddl":
        world.hand(name, [at for at in single if not is_data(lines[at])])
    elif any(is_data(line) for line in lines):
        # psql < migration.sql once more, after which data would be there twice: that is nobody's to repair.
        world.hand(name, missing)
    else:
        world.hand(name, range(len(lines)))
    ran = [line for line, now, then in zip(lines, world.ran[name], before, strict=True) if now > then]
    if not begun and ran and not shows_what_ran(ran) and not all(map(is_traceless, lines)):
        raise UnwantedStateError("nothing that could show does, and nobody is taken to have been at work")


def _in_transactions(lines: Sequence[Line]) -> set[int]:
    """The places of the statements from each BEGIN to its COMMIT."""
    found: set[int] = set()
    is_open = False
    for at, line in enumerate(lines):
        is_open = is_open or word_of(line) in {"BEGIN", "START TRANSACTION"}
        if is_open:
            found.add(at)
        is_open = is_open and word_of(line) != "COMMIT"
    return found


def kill(world: World, name: str) -> None:
    lines = world.scripts[name].lines
    statements = [at for at, line in enumerate(lines)]
    if any(map(sets_transaction, lines)):
        raise UnwantedStateError("its transactions decide what lasts")
    parts = world.production.parts_of(text_of(world.scripts[name]))
    reached = world.random.randint(0, len(lines)) if len(parts) > 1 else world.random.choice([0, len(lines)])
    world.hand(name, statements[:reached])
    if world.missing(name) != statements[reached:]:
        raise UnwantedStateError("by hand it does not run that far")
    world.story.append(f"# the process that applied {name} was killed")
    world.production.sql(
        "UPDATE _prisma_migrations SET started_at = started_at - interval '1 day', finished_at = finished_at - interval '1 day';"
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) SELECT gen_random_uuid(), "
        f"encode(sha256(convert_to($_${text_of(world.scripts[name])}$_$, 'UTF8')), 'hex'), '{name}', now() - interval '1 hour'"
    )


def other_than(line: Line) -> tuple[str, str] | None:
    """Give something by the name of what *line* makes, which differs from it, and what takes that away."""
    words = line.sql.replace("(", " (").split()
    if words[:2] == ["CREATE", "TABLE"]:
        return f"CREATE TABLE {words[2]} (other text);", f"DROP TABLE IF EXISTS {words[2]};"
    if words[:2] == ["CREATE", "INDEX"]:
        return f'CREATE INDEX {words[2]} ON "Ledger"(tag);', f"DROP INDEX IF EXISTS {words[2]};"
    if words[0] == "ALTER" and words[3:5] == ["ADD", "COLUMN"] and words.count("COLUMN") == 1:
        table, column = words[2], words[5]
        return f"ALTER TABLE {table} ADD COLUMN {column} point;", f"ALTER TABLE {table} DROP COLUMN IF EXISTS {column};"
    return None
