"""What the database itself says: its tables, those that other programs keep there, and how many rows seeds have."""

from collections.abc import Sequence
from datetime import timedelta

from ..gather.attempt import GatherError
from ..gather.database.reading import read_database
from ..model.database import DatabaseReading
from ..model.schema import Schema
from ..model.seed import SeedExpectation
from ..model.setting_types import Secret
from ..model.settings import DatabaseSettings, Elsewhere
from ..model.value import dataclass
from ..prisma.connection_url import ConnectionUrl, parse_connection_url
from .env_files import FoundUrl
from .others import of_database
from .project import Project
from .settings_text import Counted

_WITHIN = timedelta(seconds=30)
# A table with more rows is no list that a seed script makes.
_FEW = 1_000


class NotReadError(Exception):
    """The database was not read; the text says why, and holds nothing of the URL but where it leads."""


@dataclass(frozen=True, slots=True)
class Production:
    """*watched* is the schema of the migrations. *counted* are the small tables that the seed script writes to."""

    database: str
    watched: str
    catalog: Schema | None
    counted: tuple[Counted, ...] = ()
    others: tuple[Elsewhere, ...] = ()


def place_of(url: FoundUrl) -> str:
    """Give ``database "app" at db.example.com:5432``; raises `NotReadError` where it is not to be read."""
    place = _parsed(url.value)
    because = None if url.file is None else _why_distrusted(place)
    if because is not None:
        raise NotReadError(f"the URL in {url.file} {because}: set it in the environment to have this server read")
    return str(place)


def is_distrusted(url: FoundUrl) -> bool:
    """Say whether *url* is in a file of the repository, and leads where no such file may lead."""
    try:
        return url.file is not None and _why_distrusted(_parsed(url.value)) is not None
    except NotReadError:
        return False


def _why_distrusted(place: ConnectionUrl) -> str | None:
    """Say what keeps a URL in a file of the repository from use.

    libpq would send PGPASSWORD, or one of ~/.pgpass, to wherever it leads.
    """
    if place.hostaddr is not None:
        # A person, and ~/.pgpass, see the host's name; the connection goes to the address.
        return "has a hostaddr"
    return "has no password" if place.password is None and not place.is_local else None


def host_of(url: str) -> str | None:
    try:
        return parse_connection_url(url).host
    except ValueError:
        return None


def read_production(url: FoundUrl, project: Project, ssl_root_cert: str | None) -> Production:
    """Read the database of the *project* at *url*, after `place_of`."""
    settings = DatabaseSettings(url=Secret(f"env:{url.variable}", url.value), ssl_root_cert=ssl_root_cert)
    try:
        reading = read_database(settings, (), _WITHIN)
    except GatherError as error:
        raise NotReadError(str(error)) from None
    catalog = reading.catalog if isinstance(reading.catalog, Schema) else None
    return Production(
        reading.name,
        reading.schema,
        catalog,
        _counted(settings, reading, project.written),
        () if catalog is None else tuple(of_database(catalog)),
    )


def _parsed(url: str) -> ConnectionUrl:
    try:
        return parse_connection_url(url)
    except ValueError as error:
        raise NotReadError(str(error)) from None


def _counted(settings: DatabaseSettings, reading: DatabaseReading, written: Sequence[str]) -> tuple[Counted, ...]:
    small = [SeedExpectation(each, min=0) for each in written if _is_small(each, reading)]
    if not small:
        return ()
    try:
        counts = read_database(settings, tuple(small), _WITHIN, with_catalog=False).seeds
    except GatherError:
        return ()
    found = (Counted(each.expectation.table, each.count) for each in counts if isinstance(each.count, int))
    return tuple(each for each in found if 0 < each.rows <= _FEW)


def _is_small(table: str, reading: DatabaseReading) -> bool:
    before, dot, after = table.partition(".")
    size = reading.sizes.get((before, after) if dot else (reading.schema, table))
    return size is not None and (size.rows is None or size.rows <= _FEW) and table.count(".") <= 1
