"""The plan of a migrations folder or an archive: no database of a production is read."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ...checks.release import summary_of
from ...diagnose.deployed import Deployed, compare
from ...diagnose.pending_run import Tools
from ...gather.attempt import GatherError
from ...gather.release import read_release
from ...gather.scratch.server import ScratchServer, is_same_server
from ...model.knowledge import Unavailable
from ...model.plan import Plan
from ...model.release import Migration, Release
from ...model.setting_types import Secret
from ...model.settings import DatabaseSettings
from ...model.value import dataclass, replace
from ...prisma.acceptance import accepted_predictions
from ...prisma.connection_url import ConnectionUrl, parse_connection_url
from ...prisma.execution import Version
from ...run.lowering import Lowering
from ...run.of_files import planned, planned_with_facts, schema_of_prisma
from ...run.scratch import with_observations
from ...settings import environment, ssl_root_cert
from ...settings.facts_file import FactsFileError, read_facts_file
from .exits import UsageError
from .options import lowering_of, release_at
from .output import say

# Where an application's own database is, by Prisma's variables: never a scratch one.
_OF_APPLICATION = ("DATABASE_URL", "DIRECT_URL")
# In place of a URL: a server that is started for this plan.
_EMBEDDED = "embedded"
# The JSON of a check has all of them.
_MOST_DIFFERENCES = 10


def plan_of_files(options: Namespace, usual_postgres: int) -> tuple[Plan, str]:
    """Give the plan of what is not deployed, and where the migrations folder is. Raises `UsageError`."""
    if options.config or options.target:
        raise UsageError("--migrations without --database-url or --live reads no database: remove --target")
    release = _read(options.migrations)
    _insist_on_postgresql(release)
    if (lowering := lowering_of(options)) is not None:
        release = _with(release, lowering)
    for mistake in (*release.mistakes, *accepted_predictions(release.migrations).mistakes):
        say(mistake)
    if options.facts is None:
        plan, run = _planned(release, options, usual_postgres)
    else:
        plan, run = _planned_with_facts(release, options)
    plan = plan if options.scratch_url is None or isinstance(plan, Unavailable) else _observed(plan, run, options)
    if isinstance(plan, Unavailable):
        raise UsageError(plan.because)
    plan = replace(plan, notes=(*plan.notes, *_of_prisma_schema(release, run.schema)))
    return plan, _folder(options.migrations, release.folder)


def _read(path: Path) -> Release:
    try:
        return read_release((release_at(path),))
    except GatherError as error:
        raise UsageError(str(error)) from None


def _with(release: Release, lowering: Lowering) -> Release:
    made = lowering.put_into(release)
    assert isinstance(made, Release)  # noqa: S101  # a release went in
    return made


def _of_prisma_schema(release: Release, schema: str) -> Iterator[str]:
    """What ``schema.prisma`` needs that no migration makes, in sentences; or why that is not known."""
    found = schema_of_prisma(release, schema)
    if isinstance(found, Unavailable):
        yield f"What schema.prisma needs is not known: {found.because}."
    elif found is not None:
        for difference in found.differences[:_MOST_DIFFERENCES]:
            yield summary_of(difference)
        if len(found.differences) > _MOST_DIFFERENCES:
            yield f"{len(found.differences) - _MOST_DIFFERENCES} more differences of schema.prisma and the migrations."


def _folder(migrations: Path, within: str) -> str:
    """Where the migrations are: in an archive, all that is known is their path within it."""
    return within if migrations.is_file() else (migrations / within).as_posix()


@dataclass(frozen=True, slots=True)
class _Run:
    """What has run, what is to run, and how."""

    earlier: Sequence[Migration]
    pending: Sequence[Migration]
    schema: str
    prisma: Version | None


def _planned(release: Release, options: Namespace, usual_postgres: int) -> tuple[Plan | Unavailable, _Run]:
    parts = _beside_deployed(release, options) if options.deployed is not None else _split(release, options.since)
    run = _Run(parts.earlier, parts.pending, options.schema or "public", options.prisma)
    plan = planned(release, run.earlier, run.pending, run.schema, Tools(options.postgres or usual_postgres, run.prisma))
    return (replace(plan, notes=(*plan.notes, *parts.notes)) if isinstance(plan, Plan) else plan), run


def _beside_deployed(release: Release, options: Namespace) -> Deployed:
    if options.since is not None:
        raise UsageError("--since and --deployed exclude each other: both say what is deployed")
    if options.deployed.is_dir() and not any(options.deployed.iterdir()):
        return compare((), release.migrations)
    return compare(_read(options.deployed).migrations, release.migrations)


def _planned_with_facts(release: Release, options: Namespace) -> tuple[Plan | Unavailable, _Run]:
    for name in ("since", "deployed", "postgres", "schema"):
        if getattr(options, name) is not None:
            raise UsageError(f"--{name} is for a plan without --facts: the facts say it. Remove one of them")
    try:
        facts = read_facts_file(options.facts)
    except FactsFileError as error:
        raise UsageError(str(error)) from None
    applied = {each.name for each in facts.applied}
    earlier = [each for each in release.migrations if each.name in applied]
    pending = [each for each in release.migrations if each.name not in applied]
    run = _Run(earlier, pending, facts.schema, options.prisma or facts.prisma)
    return planned_with_facts(release, facts, options.prisma), run


def _observed(plan: Plan, run: _Run, options: Namespace) -> Plan | Unavailable:
    """The plan beside what its statements do on the scratch server."""
    with _scratch_url(options) as written:
        server = _scratch(written)
        return with_observations(
            plan, server, earlier=run.earlier, pending=run.pending, schema=run.schema, prisma=run.prisma
        )


@contextmanager
def _scratch_url(options: Namespace) -> Iterator[str]:
    """Give the URL of the scratch server: of one that is there, or of one that runs only as long."""
    written = options.scratch_url or environment().get("SCRATCH_URL")
    if not written:
        raise UsageError("--scratch-url needs a URL, or SCRATCH_URL in the environment")
    if written != _EMBEDDED:
        yield written
        return
    from ...demo.private_postgres import NoPostgresError, private_postgres  # noqa: PLC0415  # only here

    with ExitStack() as stack:
        try:
            server = stack.enter_context(private_postgres())
        except NoPostgresError as error:
            raise UsageError(f"--scratch-url {_EMBEDDED}: {error}") from None
        yield server.url()


def _scratch(written: str) -> ScratchServer:
    environ = environment()
    url = _url("--scratch-url", written)
    used = {name: _url(name, environ[name]) for name in _OF_APPLICATION if environ.get(name)}
    for name, other in used.items():
        if is_same_server(url, other):
            raise UsageError(
                f"the scratch server is that of {name}: migrations are only run where nothing else is. Unset {name} if "
                "that server is a scratch one"
            )
    settings = DatabaseSettings(url=Secret("--scratch-url", written), ssl_root_cert=ssl_root_cert(environ))
    return ScratchServer(url, settings, tuple(used.values()))


def _url(name: str, written: str) -> ConnectionUrl:
    try:
        return parse_connection_url(written)
    except ValueError as error:
        because = (
            "" if name not in _OF_APPLICATION else ". The scratch server must not be that one: unset or correct it"
        )
        raise UsageError(f"{name}: {error}{because}") from None


def _insist_on_postgresql(release: Release) -> None:
    if release.provider not in (None, "postgresql"):
        raise UsageError(f"migration_lock.toml is for {release.provider or 'no provider'}, not for postgresql")


def _split(release: Release, since: str | None) -> Deployed:
    """The migrations that are deployed, and those to plan."""
    migrations = release.migrations
    if since is None:
        return Deployed(migrations[:-1], migrations[-1:], ())
    names = [migration.name for migration in migrations]
    found = [name for name in names if name == since] or [name for name in names if since in name]
    if len(found) != 1:
        listed = ", ".join((found or names)[-10:])
        what = "several migrations have that in their names" if found else "no migration has that in its name"
        raise UsageError(f"--since {since}: {what}; there is {listed}")
    at = names.index(found[0]) + 1
    return Deployed(migrations[:at], migrations[at:], ())
