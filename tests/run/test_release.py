"""Whole runs with a release from far away: what is said where its source is down, and that people hear of it."""

from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.model.release_settings import ReleaseSettings
from shared.model.report import Trigger
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.report.forms import render
from shared.report.json import as_document
from shared.report.reading import as_report
from shared.run import run
from tests.cloud.cloud import Cloud
from tests.cloud.github import API, FakeGitHub, tarball

SCRIPT = b"CREATE TABLE folders (id int);"
FILES = {
    "prisma/migrations/20260101000000_init/migration.sql": SCRIPT,
    "prisma/migrations/migration_lock.toml": b'provider = "postgresql"\n',
}
PLACE = "example/app"
pytestmark = pytest.mark.usefixtures("temporary_folder")


@pytest.fixture
def target(cloud: Cloud, database: str) -> Target:
    """A target in step with the latest release on GitHub."""
    FakeGitHub(cloud).release("v1.42.0", FILES)
    with psycopg.connect(database) as connection:
        connection.execute(SCRIPT)
        connection.execute(
            "CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text,"
            " logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int)"
        )
        connection.execute(
            "INSERT INTO _prisma_migrations VALUES (1, %s, now(), '20260101000000_init', NULL, NULL, now(), 1)",
            [sha256(SCRIPT).hexdigest()],
        )
    return Target(
        "production",
        (ReleaseSettings("github", repository=PLACE),),
        DatabaseSettings(Secret("env:DATABASE_URL", database)),
        privileges=False,
    )


def test_what_a_source_gave_last_stands_in_with_a_warning(target: Target, cloud: Cloud) -> None:
    fresh = run(target, Trigger.TERMINAL)
    assert (fresh.verdict, fresh.findings) == ("passed", ())
    cloud.take_away(API)
    report = run(target, Trigger.TERMINAL)
    assert (report.verdict, [finding.key for finding in report.findings]) == ("warning", [f"release-stale:{PLACE}"])
    document = as_document(report)
    release = document["release"]
    assert isinstance(release, dict)
    stale = release.pop("stale")
    assert isinstance(stale, dict)
    assert stale["because"] == (
        "the release of example/app: the proxy on the way to api.github.com:443 cannot be reached or does not let it by"
    )
    assert {**release, "stale": None} == as_document(fresh)["release"]
    assert as_document(as_report(as_document(report)))["release"] == {**release, "stale": stale}


def test_that_another_source_answered_is_said(target: Target, cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "v1.41.0.tgz").write_bytes(tarball(FILES))
    second = ReleaseSettings("archive", str(tmp_path / "v1.41.0.tgz"))
    cloud.take_away(API)
    both = Target(target.name, (*target.releases, second), target.database, privileges=False)
    report = run(both, Trigger.TERMINAL)
    assert report.verdict == "passed"
    said = " ".join(render([report], "text").split())
    assert f"read from {tmp_path / 'v1.41.0.tgz'}, as others failed (the release of example/app: the proxy" in said


def test_nothing_stands_in_for_what_was_never_read(target: Target, cloud: Cloud) -> None:
    cloud.take_away(API)
    report = run(target, Trigger.TERMINAL)
    assert (report.verdict, report.release, report.findings) == ("unknown", None, ())
