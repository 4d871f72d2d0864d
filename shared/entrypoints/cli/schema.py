"""``migration-monitor schema``: print the schema that a release makes, or the one that a database has."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...gather.attempt import GatherError
from ...model.knowledge import Unavailable
from ...model.schema import Schema
from ...model.settings import DatabaseSettings
from ...settings import environment, ssl_root_cert
from .exits import PASSED, UNKNOWN, UsageError
from .options import direct_url, release_at
from .output import add_output_file, say, write_text

_DESCRIPTION = """\
Print the schema that a release's migrations make, replayed in memory without any
database, or the one that a database has. Both in the same words: the first line
counts the objects and says what could not be modelled.
"""
_EPILOGUE = """\
examples:
  migration-monitor schema --migrations prisma/migrations
  migration-monitor schema                                  the one of DATABASE_URL
  diff <(migration-monitor schema --migrations prisma/migrations) <(migration-monitor schema)
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    side = parser.add_mutually_exclusive_group()
    side.add_argument("--migrations", type=Path, metavar="PATH", help="prisma/migrations, or a .zip or .tar.gz with it")
    side.add_argument(
        "--database-url", metavar="URL", help="as Prisma has it (default: DATABASE_URL of the environment)"
    )
    parser.add_argument("--schema", metavar="NAME", help="the schema that unqualified names mean (default: public)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_output_file(parser)
    parser.set_defaults(run=_print)


def _print(options: Namespace) -> int:
    unread: tuple[str, ...] = ()
    found: Schema | Unavailable
    try:
        if options.migrations:
            found, unread = _of_release(options)
        else:
            found = _of_database(options)
    except GatherError as error:
        raise UsageError(str(error)) from None
    if isinstance(found, Unavailable):
        raise UsageError(found.because)
    from ...report.schema import schema_as_json, schema_as_text  # noqa: PLC0415  # only for this command

    write_text(schema_as_json(found) if options.format == "json" else schema_as_text(found), options.output)
    for because in unread:
        say(because)
    return UNKNOWN if unread else PASSED


def _of_release(options: Namespace) -> tuple[Schema | Unavailable, tuple[str, ...]]:
    """Give what the release makes, and a sentence for each statement that is not part of it."""
    from ...gather.release import read_release  # noqa: PLC0415  # as above
    from ...run.of_files import released_schema  # noqa: PLC0415  # as above

    return released_schema(read_release((release_at(options.migrations),)), options.schema or "public")


def _of_database(options: Namespace) -> Schema:
    from ...gather.database import read_schema  # noqa: PLC0415  # as above
    from ...postgres.difference.settings import with_own_settings  # noqa: PLC0415  # as above

    settings = DatabaseSettings(url=direct_url(options), ssl_root_cert=ssl_root_cert(environment()))
    return with_own_settings(read_schema(settings))
