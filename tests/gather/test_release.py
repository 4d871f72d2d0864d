"""Several sources, and what replaces one that is down."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.release import read_release
from shared.gather.running_schema import running_schema
from shared.model.release import Acceptance, Migration, Release
from shared.model.release_settings import ReleaseSettings
from shared.model.setting_types import Secret
from tests.cloud.cloud import Cloud
from tests.cloud.github import API, TOKEN, FakeGitHub, tarball
from tests.gather.servers import Reply, Request
from tests.patience import growing

FILES = {"prisma/migrations/1_a/migration.sql": b"SELECT 1;", "prisma/migrations/2_b/.gitkeep": b""}
MORE = {**FILES, "prisma/migrations/3_c/migration.sql": b"SELECT 3;"}
DOWN = (
    "the release of example/app: the proxy on the way to api.github.com:443 cannot be reached or refuses the connection"
)


@pytest.fixture
def github(cloud: Cloud) -> FakeGitHub:
    github = FakeGitHub(cloud)
    github.release("v1", FILES)
    return github


def on_github(**settings: Any) -> ReleaseSettings:
    return ReleaseSettings("github", repository="example/app", **settings)


def in_archive(path: Path) -> ReleaseSettings:
    path.write_bytes(tarball(FILES))
    return ReleaseSettings("archive", str(path))


def names(release: Release) -> list[str]:
    return [migration.name for migration in release.migrations]


class TestOfSeveral:
    def test_the_first_that_answers(self, github: FakeGitHub, tmp_path: Path) -> None:
        release = read_release([on_github(), in_archive(tmp_path / "v0.tgz")])
        assert (release.version, release.instead_of) == ("v1", ())

    def test_that_another_one_answers_is_not_silent(self, github: FakeGitHub, cloud: Cloud, tmp_path: Path) -> None:
        cloud.take_away(API)
        release = read_release([on_github(), in_archive(tmp_path / "v0.tgz")])
        assert (release.version, release.instead_of, release.stale) == ("v0", (DOWN,), None)
        assert release.origin == str(tmp_path / "v0.tgz")

    def test_none_answers(self, github: FakeGitHub, cloud: Cloud, tmp_path: Path) -> None:
        cloud.take_away(API)
        missing = ReleaseSettings("archive", str(tmp_path / "x.tgz"))
        with pytest.raises(GatherError) as failed:
            read_release([missing, on_github()])
        assert str(failed.value) == f"there is no {tmp_path / 'x.tgz'}; {DOWN}"
        assert not failed.value.lasting

    def test_each_has_its_share_of_the_time(self, github: FakeGitHub, cloud: Cloud, tmp_path: Path) -> None:
        github.instead = cloud.silence
        for seconds in growing(0.5):
            with suppress(GatherError):
                release = read_release(
                    [on_github(), in_archive(tmp_path / "v0.tgz")], within=timedelta(seconds=seconds)
                )
                break
        assert release.version == "v0"
        (because,) = release.instead_of
        assert because.startswith("the release of example/app: no ")


class TestEarlierFiles:
    EDITED = MORE | {"prisma/migrations/1_a/migration.sql": b"SELECT 11;"}
    AGAIN = MORE | {"prisma/migrations/1_a/migration.sql": b"SELECT 111;"}
    FIRST, SECOND = Migration("1_a", b"SELECT 1;"), Migration("1_a", b"SELECT 11;")

    def test_a_new_release_has_none(self, github: FakeGitHub) -> None:
        assert read_release([on_github()]).earlier == ()
        github.release("v2", MORE)
        assert read_release([on_github()]).earlier == ()

    def test_those_that_were_edited_are_kept(self, github: FakeGitHub) -> None:
        read_release([on_github()])
        github.release("v2", self.EDITED)
        assert read_release([on_github()]).earlier == (self.FIRST,)
        assert read_release([on_github()]).earlier == (self.FIRST,)
        github.release("v3", self.AGAIN)
        assert read_release([on_github()]).earlier == (self.SECOND, self.FIRST)

    def test_versions_of_one_place_are_one_story(self, github: FakeGitHub) -> None:
        github.release("v2", self.EDITED)
        read_release([on_github()], "v1")
        assert read_release([on_github()], "v2").earlier == (self.FIRST,)
        assert read_release([on_github(tag="v1")]).earlier == (self.SECOND, self.FIRST)
        assert read_release([on_github(tag="v2")]).earlier == (self.SECOND, self.FIRST)

    def test_another_place_has_its_own(self, github: FakeGitHub) -> None:
        read_release([on_github(migrations="prisma/migrations")])
        github.release("v2", self.EDITED)
        assert read_release([on_github()]).earlier == ()

    def test_they_are_there_where_the_source_is_down(self, github: FakeGitHub, cloud: Cloud) -> None:
        read_release([on_github()])
        github.release("v2", self.EDITED)
        read_release([on_github()])
        cloud.take_away(API)
        stale = read_release([on_github()])
        assert (stale.stale is not None, stale.earlier) == (True, (self.FIRST,))

    def test_they_are_bounded(self, github: FakeGitHub) -> None:
        many = {f"prisma/migrations/{number:03}_m/migration.sql": b"SELECT 1;" for number in range(300)}
        github.release("v2", many)
        read_release([on_github()])
        github.release("v3", dict.fromkeys(many, b"SELECT 2;"))
        assert len(read_release([on_github()]).earlier) == 200


class TestSourceDown:
    def test_what_it_gave_before_stands_in(self, github: FakeGitHub, cloud: Cloud) -> None:
        before = datetime.now(UTC)
        fresh = read_release([on_github()])
        cloud.take_away(API)
        stale = read_release([on_github()])
        assert stale.stale is not None
        assert before <= stale.stale.since <= datetime.now(UTC)
        assert stale.stale.because == DOWN
        assert (stale.version, stale.digest, stale.migrations) == (fresh.version, fresh.digest, fresh.migrations)
        cloud.give_back(API)
        assert read_release([on_github()]) == fresh

    def test_with_what_was_read_besides(self, github: FakeGitHub, cloud: Cloud) -> None:
        accept = b'checksum = "%s"\n[[accepted]]\ncode = "deploy-blocks"\nline = 1\nreason = "r"' % (b"0" * 64)
        besides = {"schema.sql": b"SELECT 1;", "1_a/accept.toml": accept, "2_b/accept.toml": b"x"}
        github.release("v2", {**MORE, **{f"prisma/migrations/{name}": text for name, text in besides.items()}})
        fresh = read_release([on_github()])
        cloud.take_away(API)
        stale = read_release([on_github()])
        assert (fresh.schema_sql, len(fresh.mistakes)) == (b"SELECT 1;", 1)
        assert fresh.migrations[0].accepted == (Acceptance("deploy-blocks", 1, "r", "0" * 64),)
        assert (stale.schema_sql, stale.migrations, stale.mistakes) == (
            fresh.schema_sql, fresh.migrations, fresh.mistakes,
        )  # fmt: skip

    def test_confirmed_again_it_is_as_of_then(self, github: FakeGitHub, cloud: Cloud) -> None:
        read_release([on_github()])
        later = datetime.now(UTC)
        read_release([on_github()])
        cloud.take_away(API)
        stale = read_release([on_github()]).stale
        assert stale is not None
        assert stale.since >= later

    @pytest.mark.parametrize("status", [401, 403, 429, 500, 502])
    def test_not_let_in_is_down_as_well(self, github: FakeGitHub, status: int) -> None:
        settings = on_github(token=Secret("env:GITHUB_TOKEN", TOKEN))
        read_release([settings])
        github.instead = lambda _: Reply(status)
        assert read_release([settings]).stale is not None

    def test_another_token_makes_it_no_other_release(self, github: FakeGitHub, cloud: Cloud) -> None:
        read_release([on_github()])
        cloud.take_away(API)
        assert read_release([on_github(token=Secret("env:GITHUB_TOKEN", TOKEN))]).stale is not None

    def test_that_nothing_can_be_kept_is_said_when_it_is_missed(
        self, github: FakeGitHub, cloud: Cloud, temporary_folder: Path
    ) -> None:
        read_release([on_github()])
        (kept_in,) = temporary_folder.glob("migration-monitor-*")
        kept_in.chmod(0o755)
        assert read_release([on_github()]).stale is None
        cloud.take_away(API)
        with pytest.raises(GatherError) as failed:
            read_release([on_github()])
        assert str(failed.value) == f"{DOWN}; nothing is kept in {kept_in}: it is open to other users, or theirs"

    def test_what_has_answered_is_believed(self, github: FakeGitHub) -> None:
        read_release([on_github()])
        github.release("v2", {"README.md": b""})
        with pytest.raises(GatherError, match="no migrations in it"):
            read_release([on_github()])
        github.releases.clear()
        with pytest.raises(GatherError, match="knows no release yet"):
            read_release([on_github()])

    def test_a_version_stands_in_for_no_other(self, github: FakeGitHub, cloud: Cloud) -> None:
        github.release("v2", MORE)
        read_release([on_github()], "v2")
        cloud.take_away(API)
        with pytest.raises(GatherError, match="cannot be reached"):
            read_release([on_github()], "v1")
        with pytest.raises(GatherError, match="cannot be reached"):
            read_release([on_github()])
        with pytest.raises(GatherError, match="cannot be reached"):
            read_release([on_github(tag="v1")])
        stale = read_release([on_github()], "v2")
        assert (stale.version, names(stale)) == ("v2", ["1_a", "2_b", "3_c"])

    def test_another_that_answers_comes_first(self, github: FakeGitHub, cloud: Cloud, tmp_path: Path) -> None:
        read_release([on_github()])
        cloud.take_away(API)
        assert read_release([on_github(), in_archive(tmp_path / "v0.tgz")]).stale is None

    def test_a_folder_without_a_script_is_kept_as_such(self, github: FakeGitHub, cloud: Cloud) -> None:
        fresh = read_release([on_github()])
        assert [migration.script for migration in fresh.migrations] == [b"SELECT 1;", None]
        cloud.take_away(API)
        assert read_release([on_github()]).migrations == fresh.migrations

    def test_too_late_is_down(self, github: FakeGitHub, cloud: Cloud) -> None:
        read_release([on_github()])
        github.instead = cloud.silence
        stale = read_release([on_github()], within=timedelta(seconds=0.2)).stale
        assert stale is not None
        assert "no " in stale.because

    def test_a_file_that_is_gone_is_gone(self, tmp_path: Path) -> None:
        settings = in_archive(tmp_path / "v0.tgz")
        read_release([settings])
        (tmp_path / "v0.tgz").unlink()
        with pytest.raises(GatherError):
            read_release([settings])

    def test_a_bug_is_no_reason(self, github: FakeGitHub) -> None:
        def broken(_: Request) -> Reply:
            return Reply(200, b'{"tag_name": "v1", "assets": {}}')

        github.instead = broken
        with pytest.raises(GatherError, match="no asset of v1 matches"):
            read_release([on_github(asset="*")])


class TestRunningSchema:
    def published(self, github: FakeGitHub, version: str, schema_sql: bytes | None) -> None:
        besides = {} if schema_sql is None else {"prisma/migrations/schema.sql": schema_sql}
        github.release(version, {**MORE, **besides})
        read_release([on_github()])

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            pytest.param("v2", b"SELECT 2;", id="the one before"),
            pytest.param("2", b"SELECT 2;", id="without its v"),
            pytest.param("v3", b"SELECT 3;", id="this one"),
            pytest.param("v1", None, id="one that was never read"),
            pytest.param("v4", None, id="one without the file"),
        ],
    )
    def test_it_was_kept_when_its_version_was_read(
        self, github: FakeGitHub, version: str, expected: bytes | None
    ) -> None:
        self.published(github, "v2", b"SELECT 2;")
        self.published(github, "v3", b"SELECT 3;")
        self.published(github, "v4", None)
        assert running_schema([on_github()], version, None) == expected
        assert running_schema([on_github(migrations="db")], version, None) is None

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            pytest.param("v1", b"SELECT 1;", id="there"),
            pytest.param("v2", None, id="missing"),
            pytest.param("../v1", None, id="elsewhere"),
        ],
    )
    def test_it_lies_in_a_folder(self, tmp_path: Path, version: str, expected: bytes | None) -> None:
        folder = tmp_path / "v1" / "1_a"
        folder.mkdir(parents=True)
        (folder / "migration.sql").write_text("SELECT 1;")
        (tmp_path / "v1" / "schema.sql").write_text("SELECT 1;")
        assert running_schema([ReleaseSettings("folder", f"{tmp_path}/{{release}}")], version, None) == expected
        assert running_schema([ReleaseSettings("folder", f"{tmp_path}/v1")], version, None) is None

    def test_it_is_that_of_the_release_itself(self) -> None:
        release = Release("1.0", "github", "", None, (), schema_sql=b"SELECT 1;")
        assert running_schema([], "v1.0", release) == b"SELECT 1;"
        assert running_schema([], "v2.0", release) is None
