"""Which releases came before one, and their files among its own."""

from dataclasses import replace

from shared.alerts.decide.last_seen import last_seen_after
from shared.model.last_seen import LastSeen, SeenRelease
from shared.model.memory import Memory
from shared.model.release import Migration, Release
from shared.prisma.past_releases import past_releases, seen_release
from tests.builders import NOW
from tests.report.sample import report

A, B, C = (Migration(name, f"SELECT '{name}';".encode()) for name in "abc")


def release(version: str, *migrations: Migration, earlier: tuple[Migration, ...] = ()) -> Release:
    digest = ",".join(f"{each.name}:{each.script!r}" for each in migrations)
    return Release(version, "github", digest, None, migrations, earlier=earlier)


def seen(*releases: Release) -> dict[str, SeenRelease]:
    """All of them, read one after the other."""
    memory = Memory("production")
    for each in releases:
        version, known = each.version or "", memory.last_seen.releases
        found = replace(report(), seen=LastSeen(releases={version: seen_release(each, version, known)}))
        memory = replace(memory, last_seen=last_seen_after(memory, found, NOW))
    return dict(memory.last_seen.releases)


def past(*releases: Release) -> list[tuple[str, tuple[Migration, ...] | None]]:
    """Those before the last one that was read."""
    return [(each.version, each.migrations) for each in past_releases(seen(*releases), releases[-1])]


def test_the_last_three_newest_first() -> None:
    every = [release(f"v{number}", *[A, B, C][: number % 4]) for number in range(6)]
    assert [version for version, _ in past(*every)] == ["v4", "v3", "v2"]


def test_a_migration_that_was_merged_in_between() -> None:
    assert past(release("v1", A, C), release("v2", A, B, C)) == [("v1", (A, C))]


def test_those_before_the_release_that_was_read() -> None:
    first, second, third = release("v1", A), release("v2", A, B), release("v3", A, B, C)
    assert [version for version, _ in past(first, second, third, second)] == ["v1"]
    assert past(first, second, third, first) == []


def test_one_that_was_never_remembered_comes_after_all() -> None:
    found = past_releases(seen(release("v1", A)), release("v2", A, B))
    assert [each.version for each in found] == ["v1"]


def test_a_file_that_was_changed_since_is_among_the_earlier_ones() -> None:
    changed = Migration("a", b"SELECT 2;")
    assert past(release("v1", A), release("v2", changed)) == [("v1", None)]
    assert past(release("v1", A), release("v2", changed, earlier=(A,))) == [("v1", (A,))]


def test_a_version_with_other_files_keeps_its_place() -> None:
    found = past(release("v1", A), release("v2", A, B), release("v1", A, C), release("v3", A, B, C))
    assert found == [("v2", (A, B)), ("v1", (A, C))]


def test_a_migration_without_a_script_is_another_one() -> None:
    assert past(release("v1", Migration("a", None)), release("v2", Migration("a", b""))) == [("v1", None)]


def test_no_more_are_remembered_than_are_needed() -> None:
    assert len(seen(*(release(f"v{number}", A) for number in range(50)))) == 6
