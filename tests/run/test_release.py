"""Whole runs with a release from far away: what is said where its source is down, and that people are notified of it."""

from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
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
    """A target that matches the latest release on GitHub."""
    FakeGitHub(cloud).release("v1.42.0", FILES)
    with psycopg.connect(database) as connection:
        connection.execute(SCRIPT)
        connection.execute(
            "CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text,"
            " logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int)"
        )
        connection.execute(
            "INSERT INTO _prisma_migrations VALUES (1, %s, now() + interval '1 s', '20260101000000_init', NULL, NULL, now(), 1)",
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
        "the release of example/app: the proxy on the way to api.github.com:443 cannot be reached or refuses the connection"
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
    assert (
        f"read from {tmp_path / 'v1.41.0.tgz'}, because other sources failed (the release of example/app: the proxy"
        in said
    )


def test_nothing_stands_in_for_what_was_never_read(target: Target, cloud: Cloud) -> None:
    cloud.take_away(API)
    report = run(target, Trigger.TERMINAL)
    assert (report.verdict, report.release, report.findings) == ("unknown", None, ())


EDITED = b"CREATE TABLE folders (id int, note text);"
NOT_MADE = (
    "column public.folders.note is missing in the database: the file of 20260101000000_init that ran did not make it; "
    "the release's edited file does (text)."
)


def in_production(report: Report) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    return [
        (finding.key, finding.summary, [(cause.key, cause.certain) for cause in finding.because])
        for finding in report.findings
    ]


def test_an_edited_file_is_the_cause_of_what_it_added(target: Target, cloud: Cloud) -> None:
    """The run before has seen the file that ran: it proves that production is as that file made it."""
    assert run(target, Trigger.TERMINAL).verdict == "passed"
    FakeGitHub(cloud).release("v1.43.0", {**FILES, "prisma/migrations/20260101000000_init/migration.sql": EDITED})
    edited = "migration-edited:20260101000000_init"
    for _ in range(2):
        report = run(target, Trigger.TERMINAL)
        assert (report.verdict, in_production(report)) == (
            "failed",
            [
                (
                    edited,
                    "20260101000000_init was applied with another script than the one in the release.",
                    [],
                ),
                ("schema-missing:column public.folders.note", NOT_MADE, [(edited, True)]),
            ],
        )


def test_without_the_file_that_ran_it_may_be_the_cause(target: Target, cloud: Cloud) -> None:
    FakeGitHub(cloud).release("v1.43.0", {**FILES, "prisma/migrations/20260101000000_init/migration.sql": EDITED})
    key, summary, because = in_production(run(target, Trigger.TERMINAL))[1]
    assert (key, because) == (
        "schema-missing:column public.folders.note",
        [("migration-edited:20260101000000_init", False)],
    )
    assert summary == (
        "column public.folders.note is missing in the database (text). Either the edit of 20260101000000_init added it "
        "to the release, or it was removed from the database by hand."
    )
