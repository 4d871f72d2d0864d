import pytest

from shared.model.release import Migration
from shared.prisma.release import MigrationsNotFoundError, read_migrations

LOCK = b'# a comment\nprovider = "postgresql"\n'
ONE = b"SELECT 1;"


def folders_of(*paths: str) -> set[str]:
    """Every folder above the given files and the given folders themselves (which end in ``/``)."""
    found = set()
    for path in paths:
        parts = path.split("/")[:-1]
        found |= {"/".join(parts[: length + 1]) for length in range(len(parts))}
    return found


@pytest.mark.parametrize(
    ("files", "more_folders", "wanted", "names"),
    [
        pytest.param({"a/migration.sql": ONE}, (), None, ["a"], id="the folder itself"),
        pytest.param(
            {"repo-1/apps/backend/prisma/migrations/a/migration.sql": ONE, "repo-1/apps/backend/prisma/migrations/migration_lock.toml": LOCK},
            (), None, ["a"], id="found by its lock file",
        ),
        pytest.param(
            {"repo-1/prisma/migrations/a/migration.sql": ONE}, (), "prisma/migrations", ["a"], id="named as a suffix",
        ),
        pytest.param(
            {"a/migration.sql": ONE, "a/old/b/migration.sql": ONE, "c/migration.sql": ONE}, (), None, ["a", "c"],
            id="scripts deeper within a migration",
        ),
        pytest.param(
            {"m/migration_lock.toml": LOCK, "m/a/migration.sql": ONE, "m/a/old/migration_lock.toml": LOCK}, (), None, ["a"],
            id="a lock file deeper within a migration",
        ),
        pytest.param({"m/b/migration.sql": ONE, "m/a/migration.sql": ONE}, (), "/m/", ["a", "b"], id="in deploy order"),
        pytest.param(
            {"m/migration_lock.toml": LOCK, "m/a/migration.sql": ONE}, ("m/empty/", "m/.hidden/", "m/nested/deep/"), None,
            [".hidden", "a", "empty", "nested"], id="empty, hidden and nested folders count",
        ),
    ],
)  # fmt: skip
def test_finds_the_folder(
    files: dict[str, bytes], more_folders: tuple[str, ...], wanted: str | None, names: list[str]
) -> None:
    found = read_migrations(files, folders_of(*files, *more_folders), wanted)
    assert [migration.name for migration in found.migrations] == names


@pytest.mark.parametrize(
    ("files", "wanted", "sentence"),
    [
        pytest.param({}, None, "no migrations in it", id="nothing"),
        pytest.param({"migration_lock.toml": LOCK}, None, "no subfolders", id="a lock file alone"),
        pytest.param({"x/m/a/migration.sql": ONE}, "prisma/migrations", "no folder prisma/migrations in it; there is x/m", id="not where named"),
        pytest.param({"a/m/1/migration.sql": ONE, "b/m/1/migration.sql": ONE}, "m", r"several .*\(a/m, b/m\)", id="named, twice there"),
        pytest.param({"a/1/migration.sql": ONE, "b/1/migration.sql": ONE}, None, r"several .*\(a, b\)", id="two side by side"),
        pytest.param({"a/migration_lock.toml": LOCK, "b/migration_lock.toml": LOCK}, None, "several", id="two lock files"),
        pytest.param({"xm/a/migration.sql": ONE}, "m", "no folder m", id="a suffix of whole names only"),
    ],
)  # fmt: skip
def test_says_what_it_did_not_find(files: dict[str, bytes], wanted: str | None, sentence: str) -> None:
    with pytest.raises(MigrationsNotFoundError, match=sentence):
        read_migrations(files, folders_of(*files), wanted)


@pytest.mark.parametrize(
    ("lock", "provider"),
    [
        pytest.param(LOCK, "postgresql", id="as Prisma writes it"),
        pytest.param(b"provider = 'postgresql'\n", "", id="single quotes, which Prisma does not read"),
        pytest.param(b'# provider = "mysql"\n', "", id="commented out"),
        pytest.param(b"\xff\xfe garbage", "", id="garbage"),
    ],
)  # fmt: skip
def test_reads_the_provider(lock: bytes, provider: str | None) -> None:
    files = {"m/migration_lock.toml": lock, "m/a/migration.sql": ONE}
    assert read_migrations(files, folders_of(*files)).provider == provider


def test_a_folder_without_a_script_and_the_digest() -> None:
    files = {"m/a/migration.sql": ONE}
    elsewhere = {"prefix/m/a/migration.sql": ONE, "prefix/m/README.md": b"not read"}
    with_empty = read_migrations(files, folders_of(*files, "m/b/"))
    assert with_empty.migrations == (Migration("a", ONE), Migration("b", None))
    here, there = read_migrations(files, folders_of(*files)), read_migrations(elsewhere, folders_of(*elsewhere))
    assert here.digest == there.digest
    assert here.digest != with_empty.digest


@pytest.mark.parametrize(
    ("folders", "wanted", "package"),
    [
        pytest.param({"migrations/app/20260515T1200_add-users"}, None, "app/20260515T1200_add-users", id="anywhere"),
        pytest.param({"app/20260515T120030_x", "app/20260514T1200_a"}, None, "app/20260514T1200_a", id="the folder itself"),
        pytest.param({"x/migrations/app/20260515T1200_a"}, "migrations", "app/20260515T1200_a", id="by its name"),
        pytest.param({"migrations/app", "migrations/app/20260515T1200_a"}, "migrations/app", "20260515T1200_a", id="the folder of a contract space"),
        pytest.param({"20260515T1200_a", "refs"}, None, "20260515T1200_a", id="that folder itself"),
    ],
)  # fmt: skip
def test_migrations_of_prisma_8_are_named_as_such(folders: set[str], wanted: str | None, package: str) -> None:
    every = folders | {above for folder in folders for above in _above(folder)}
    with pytest.raises(MigrationsNotFoundError) as raised:
        read_migrations({}, every, wanted)
    assert str(raised.value) == f"its migrations are those of Prisma 8 ({package}), which are not read yet"


def test_older_migrations_beside_those_of_prisma_8_are_read() -> None:
    files = {"prisma/migrations/1_a/migration.sql": b"", "prisma/migrations/migration_lock.toml": b""}
    folders = {
        "prisma/migrations",
        "prisma/migrations/1_a",
        "migrations",
        "migrations/app",
        "migrations/app/20260515T1200_b",
    }
    assert [each.name for each in read_migrations(files, folders).migrations] == ["1_a"]


def _above(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
