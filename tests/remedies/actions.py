"""What happened to production before the monitor looked: by the real engine, and by people."""

from collections.abc import Callable
from hashlib import sha256
from shlex import quote

from tests.remedies.production import Production

Action = Callable[[Production], None]


def deployed(*names: str) -> Action:
    """A release that had just these migrations, or all of them, was deployed."""
    return lambda production: production.deploy(*names)


def deployment_failed(production: Production) -> None:
    assert not production.prisma("migrate deploy")


def resolved(how: str, name: str) -> Action:
    def act(production: Production) -> None:
        assert production.prisma(f"migrate resolve --{how} {quote(name)}")

    return act


def sql(script: str) -> Action:
    def act(production: Production) -> None:
        production.sql(script)

    return act


def by_hand(name: str, *lines: int) -> Action:
    """Somebody ran just the statements in these *lines*."""
    return lambda production: production.run_by_hand(name, set(lines))


def reached(name: str, *lines: int) -> Action:
    """What a failed deployment leaves that commits each statement; where the file was one transaction, people did."""
    return lambda production: None if production.splits else production.run_by_hand(name, set(lines))


def killed(name: str) -> Action:
    """The process died in the middle: a row without an error, and without an end."""

    def act(production: Production) -> None:
        script = (production.migrations / name / "migration.sql").read_bytes()
        production.sql(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) "
            f"VALUES (gen_random_uuid(), '{sha256(script).hexdigest()}', '{name}', now() - interval '1 hour')"
        )

    return act


def renamed(name: str, to: str) -> Action:
    def act(production: Production) -> None:
        (production.migrations / name).rename(production.migrations / to)

    return act


def withdrawn(name: str) -> Action:
    def act(production: Production) -> None:
        production.remove(name)

    return act


def squashed(to: str, *names: str) -> Action:
    def act(production: Production) -> None:
        production.ship({to: "".join(production.remove(name) for name in names)})

    return act
