"""The kinds of states."""

from collections.abc import Callable, Mapping, Sequence

from tests.remedies.law.corpus import Places, Script
from tests.remedies.law.templates import (
    DATA,
    MADE_AGAIN,
    WRITTEN,
    WRITTEN_AFTER,
    script_made_again,
    set_twice,
    table_renamed,
    with_script,
    write_that_fails,
)
from tests.remedies.law.troubles import (
    BASE,
    deploy_some,
    fail,
    fix,
    kill,
    other_than,
    release,
    release_again,
    release_later,
    release_script,
    repair,
    spoil,
)
from tests.remedies.law.world import Fix, UnwantedStateError, World, shows_what_lacks, text_of

Kind = Callable[[World, Places], None]


def pending(world: World, places: Places) -> None:
    deploy_some(world, places)
    release(world, places)
    release_later(world, places)


def failed(world: World, places: Places) -> None:
    deploy_some(world, places)
    fail(world, places)
    release_later(world, places)


def failed_and_repaired(world: World, places: Places) -> None:
    deploy_some(world, places)
    name = fail(world, places)
    if world.random.random() < 0.5:
        fix(world)
    repair(world, name, begun=True)
    release_later(world, places)


def by_hand(world: World, places: Places) -> None:
    """Nothing in the history, and some of it run by hand."""
    deploy_some(world, places)
    name = release(world, places)
    repair(world, name)
    release_later(world, places)


def rolled_back(world: World, places: Places) -> None:
    deploy_some(world, places)
    name = fail(world, places)
    world.resolve("rolled-back", name)
    if world.random.random() < 0.7:
        fix(world)
    if world.random.random() < 0.5:
        repair(world, name, begun=True)
    release_later(world, places)


def killed(world: World, places: Places) -> None:
    """The process died: a row without an error and without an end."""
    deploy_some(world, places)
    kill(world, release(world, places))
    release_later(world, places)


def two_in_trouble(world: World, places: Places) -> None:
    deploy_some(world, places)
    fail(world, places)
    places.made.clear()
    later = release(world, places)
    if world.random.random() < 0.5:
        repair(world, later)
    else:
        kill(world, later)
    release_later(world, places)


def skipped(world: World, places: Places) -> None:
    """It came into the release later than one that was deployed."""
    deploy_some(world, places)
    name = release(world, places)
    later = release(world, places)
    world.deploy(*(each for each in world.scripts if each != name))
    if world.random.random() < 0.3:
        repair(world, name)
    if world.missing(later):
        raise UnwantedStateError("it needs the one that was skipped")


def data_alone(world: World, places: Places) -> None:

    deploy_some(world, places)
    name = release(world, places, DATA, most=1)
    way = world.random.choice(["fails", "by hand", "killed"])
    if way == "fails":
        spoil(world, name)
        world.fail(name)
    elif way == "by hand":
        world.hand(name, range(len(world.scripts[name].lines)))
    else:
        kill(world, name)
    release_later(world, places)


def made_again_later(world: World, places: Places) -> None:
    """It failed at what a later migration, which waits, makes again by the same name."""

    deploy_some(world, places)
    places.made.clear()
    name = release(world, places, MADE_AGAIN)
    spoil(world, name)
    world.fail(name)
    is_repaired = world.random.random() < 0.3
    if is_repaired:
        repair(world, name, begun=True)
    later = release_again(world, places)
    if world.random.random() < 0.3:
        repair(world, later)
        ran = [line for line, times in zip(world.scripts[later].lines, world.ran[later], strict=True) if times]
        if is_repaired and ran and all("DROP " in line.sql for line in ran):
            raise UnwantedStateError("what hands made and removed again shows nowhere, and no hand is taken to have")


def applied_too_early(world: World, places: Places) -> None:
    """It failed, and was recorded as applied with half of it missing."""
    deploy_some(world, places)
    name = fail(world, places)
    # What is in the way of a name is drift of its own once the migration counts as applied: no remedy removes it.
    if world.random.random() < 0.5 or not all(each.is_of_rows for each in world.fixes):
        fix(world)
        repair(world, name, begun=True)
    lines = world.scripts[name].lines
    if not shows_what_lacks(lines, world.missing(name)):
        raise UnwantedStateError("nothing shows what it lacks, and nothing is advised")
    world.resolve("applied", name)
    release_later(world, places)


def edited(world: World, places: Places) -> None:
    """An applied file was changed in the release."""
    deploy_some(world, places)
    name = release(world, places)
    world.deploy()
    script = world.scripts[name]
    world.originals[name] = text_of(script)
    more = world.random.choice(
        ['ALTER TABLE "Post" ADD COLUMN noted text;', 'CREATE INDEX "Post_title_idx" ON "Post"(title);', "-- a comment"]
    )
    (world.production.migrations / name / "migration.sql").write_text(text_of(script) + more + "\n")
    world.story.append(f"# in the release, {name} got one more line: {more}")
    release_later(world, places)
    # What the edit was for is a new migration in the end; the file is again the one that ran.
    world.wanted["20250109900000_edit"] = more


def renamed(world: World, places: Places) -> None:
    deploy_some(world, places)
    name = release(world, places)
    world.deploy()
    world.production.rename(name, f"{name}_better")
    # In its place: how the files are called is their order.
    world.scripts = {f"{each}_better" if each == name else each: script for each, script in world.scripts.items()}
    world.ran[f"{name}_better"] = world.ran.pop(name)
    world.story.append(f"# in the release, {name} is now called {name}_better")
    world.left |= {"migration-squashed"}
    release_later(world, places)


def squashed(world: World, places: Places) -> None:
    """The deployed ones are one file now, which nobody has recorded."""
    names = [release(world, places) for _ in range(2)]
    world.deploy()
    _squash(world, [BASE, *names])
    world.left |= {"migration-squashed"}


def drifted(world: World, places: Places) -> None:
    """Something else was changed by hand as well."""
    deploy_some(world, places)
    world.psql(
        world.random.choice(
            [
                'DROP INDEX "User_a3_idx";',
                'ALTER TABLE "Post" DROP CONSTRAINT "Post_g3_fkey";',
                'ALTER TABLE "User" ALTER COLUMN a3 SET DEFAULT 3;',
                'CREATE INDEX "Post_by_hand" ON "Post"(title);',
                'DROP INDEX "User_a3_idx"; CREATE INDEX "User_a3_idx" ON "User"(a3 DESC);',
            ]
        )
    )
    world.left |= {"drift"}
    if world.random.random() < 0.5:
        fail(world, places)
    else:
        release(world, places)


def no_history(world: World, places: Places) -> None:
    """The table of the history is gone, or empty."""
    names = [release(world, places) for _ in range(world.random.randint(0, 2))]
    if names:
        world.deploy()
    world.psql(world.random.choice(["DROP TABLE _prisma_migrations", "TRUNCATE _prisma_migrations"]))
    if world.random.random() < 0.4:
        repair(world, release(world, places))


def in_the_way(world: World, places: Places) -> None:
    """Somebody has made something else by the name that a migration wants."""
    deploy_some(world, places)
    name = release(world, places)
    made = [each for line in world.scripts[name].lines if (each := other_than(line))]
    if not made:
        raise UnwantedStateError("nothing that it makes can be in its way")
    other, gone = world.random.choice(made)
    world.try_psql(other)
    world.fixes.append(Fix(name, gone))
    if world.random.random() < 0.5:
        world.fail(name)
    release_later(world, places)


def later_by_hand(world: World, places: Places) -> None:
    """One waits that nobody ran, or stopped halfway; somebody ran a part of a later one, which needs it, by hand."""
    deploy_some(world, places)
    places.made.clear()
    name = release(world, places, MADE_AGAIN, most=2)
    has_failed = world.random.random() < 0.4
    if has_failed:
        spoil(world, name)
        world.fail(name)
    later = release_script(world, with_script(places, script_made_again(places)))
    if not places.made and world.random.random() < 0.5:
        fix(world)
    # What needs the earlier one fails, and psql goes on.
    world.hand(later, range(len(world.scripts[later].lines)))
    if not world.missing(later) or len(world.missing(later)) == len(world.scripts[later].lines):
        raise UnwantedStateError("it needs nothing of the earlier one, or nothing else")
    if has_failed and not world.fixes and not world.missing(name):
        raise UnwantedStateError("nothing of the earlier one is missing")
    release_later(world, places)


def renamed_behind_a_failing_write(world: World, places: Places) -> None:
    """It failed, or waits, where it changes rows of a table that a later one renames, by a deployment or by hand."""
    deploy_some(world, places)
    name = release_script(world, with_script(places, write_that_fails(places)))
    if world.random.random() < 0.7:
        spoil(world, name)
        world.fail(name)
    later = release_script(world, with_script(places, table_renamed()))
    how = world.random.choice(["waits", "renamed by hand", "all by hand"])
    if how == "renamed by hand":
        renames = [at for at, line in enumerate(world.scripts[later].lines) if "RENAME TO" in line.sql]
        world.hand(later, renames)
    elif how == "all by hand":
        world.hand(later, range(len(world.scripts[later].lines)))
    if how != "waits":
        # It is called otherwise now.
        world.fixes[:] = [Fix(each.of, each.sql.replace(f'"{WRITTEN}"', f'"{WRITTEN_AFTER}"')) for each in world.fixes]


def set_again_later(world: World, places: Places) -> None:
    """One was skipped, waits or failed whose settings and objects a later one that ran has set again, or removed."""
    deploy_some(world, places)
    earlier, later = set_twice(places)
    how = world.random.choice(["skipped", "by hand", "failed"])
    # What fails comes last, so that all of it, some of it or none of it ran.
    name = release_script(world, with_script(places, earlier, fails=how == "failed"))
    if how == "failed":
        spoil(world, name)
        world.fail(name)
    after = release_script(world, with_script(places, later))
    if how == "skipped":
        world.deploy(*(each for each in world.scripts if each != name))
    else:
        world.hand(after, range(len(world.scripts[after].lines)))
    if world.missing(after):
        raise UnwantedStateError("it needs the earlier one")
    release_later(world, places)


def _squash(world: World, names: Sequence[str]) -> None:
    name = "20250109000000_squashed"
    lines = tuple(line for each in names for line in world.scripts[each].lines)
    for each in names:
        world.production.remove(each)
    ran = [times for each in names for times in world.ran[each]]
    for each in names:
        del world.scripts[each], world.ran[each]
    world.release(name, Script(lines, "squashed"))
    world.ran[name] = ran
    world.story.append(f"# in the release, {', '.join(names)} are now {name}")


KINDS: Mapping[str, Kind] = {
    "pending": pending,
    "failed": failed,
    "failed and repaired": failed_and_repaired,
    "by hand": by_hand,
    "rolled back": rolled_back,
    "killed": killed,
    "two in trouble": two_in_trouble,
    "skipped": skipped,
    "data alone": data_alone,
    "made again later": made_again_later,
    "applied too early": applied_too_early,
    "edited": edited,
    "renamed": renamed,
    "squashed": squashed,
    "drifted": drifted,
    "no history": no_history,
    "in the way": in_the_way,
}
# Drawn for some numbers, beside the kinds above: so that all others are what they were before these came.
LATER_KINDS: Mapping[str, Kind] = {
    "later one by hand": later_by_hand,
    "renamed behind a failing write": renamed_behind_a_failing_write,
}
# As before, and later still.
LATEST_KINDS: Mapping[str, Kind] = {"set again later": set_again_later}
# Those that need nothing of our own tables.
OF_ANY = ("pending", "failed", "failed and repaired", "by hand", "rolled back", "killed", "two in trouble", "skipped",
          "applied too early", "renamed", "no history", "in the way")  # fmt: skip
