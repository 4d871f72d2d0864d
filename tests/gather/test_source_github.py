"""GitHub: which release is meant, what is downloaded of it, and what each refusal means."""

import time
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact, web
from shared.gather.sources.artifact import Artifact
from shared.gather.sources.down import SourceDownError
from shared.model.azure import Identity, Vault
from shared.model.release_settings import ReleaseSettings
from shared.model.setting_types import Secret
from tests.cloud.cloud import Cloud
from tests.cloud.github import API, ASSETS, CODELOAD, TOKEN, FakeGitHub, commit_of, rate_limited, tarball
from tests.cloud.identity import json_reply
from tests.gather.servers import Reply, Request
from tests.patience import growing

OLD = {"prisma/migrations/1_a/migration.sql": b"SELECT 1;", "prisma/migrations/migration_lock.toml": b""}
NEW = {**OLD, "prisma/migrations/2_b/migration.sql": b"SELECT 2;", "README.md": b"read me"}
WITH_TOKEN = Secret("env:GITHUB_TOKEN", TOKEN)


@pytest.fixture
def github(cloud: Cloud) -> FakeGitHub:
    github = FakeGitHub(cloud)
    github.release("v1", OLD)
    github.release("v2", NEW)
    github.branches["main"] = NEW | {"prisma/migrations/3_c/migration.sql": b"SELECT 3;"}
    return github


def read(release: str | None = None, **settings: Any) -> Artifact:
    return read_artifact(ReleaseSettings("github", repository="example/app", **settings), release)


def refusal(release: str | None = None, **settings: Any) -> str:
    with pytest.raises(GatherError) as refused:
        read(release, **settings)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert "hunter2" not in repr(refused.value.__context__)
    return str(refused.value).removeprefix("the release of example/app: ")


def migrations_of(artifact: Artifact) -> set[str]:
    return {path.split("/")[-2] for path in artifact.files if path.endswith("/migration.sql")}


class TestWhichRelease:
    def test_the_latest_is_neither_draft_nor_prerelease(self, github: FakeGitHub) -> None:
        github.release("v3", OLD, prerelease=True)
        github.release("v4", OLD, draft=True)
        latest = read()
        assert (latest.version, latest.source, migrations_of(latest)) == ("v2", "github", {"1_a", "2_b"})
        assert latest.origin == f"example/app@{commit_of(NEW)}"

    def test_a_tag(self, github: FakeGitHub) -> None:
        tagged = read(tag="v1")
        assert (tagged.version, migrations_of(tagged)) == ("v1", {"1_a"})

    def test_a_branch_says_which_commit_it_was(self, github: FakeGitHub) -> None:
        main = read(ref="main")
        commit = commit_of(github.branches["main"])
        assert (main.version, migrations_of(main)) == (f"main@{commit[:7]}", {"1_a", "2_b", "3_c"})

    @pytest.mark.parametrize("settings", [{}, {"tag": "v2"}, {"ref": "main"}])
    def test_what_a_verification_asks_for_is_a_tag(self, github: FakeGitHub, settings: dict[str, str]) -> None:
        asked_for = read("v1", **settings)
        assert (asked_for.version, migrations_of(asked_for)) == ("v1", {"1_a"})

    def test_or_a_commit(self, github: FakeGitHub) -> None:
        asked_for = read(commit_of(OLD))
        assert (asked_for.version, migrations_of(asked_for)) == (commit_of(OLD), {"1_a"})

    def test_tags_of_packages_have_signs_in_them(self, github: FakeGitHub) -> None:
        github.release("@app/api@1.2.0+3", OLD)
        assert read("@app/api@1.2.0+3").version == "@app/api@1.2.0+3"

    @pytest.mark.parametrize("name", ["../../user", "v1?x", "a//b", "", "v 1", "-v1"])
    def test_what_could_lead_elsewhere_is_no_name(self, github: FakeGitHub, name: str) -> None:
        assert refusal(name).startswith(f"{name!a} is no name of a release")
        assert github.sent() == []

    def test_a_tag_that_was_moved_is_read_again(self, github: FakeGitHub) -> None:
        read()
        github.releases[0].files = OLD
        assert migrations_of(read()) == {"1_a"}

    def test_unknown(self, github: FakeGitHub) -> None:
        assert refusal("v9") == "the repository has no tag v9 (422)"
        assert refusal(ref="mein") == "the repository has no branch or commit mein (422)"
        assert refusal("v9", asset="*") == (
            "api.github.com:443 knows no release of the tag v9, or not the repository (404): "
            "to see a private one takes a `token`"
        )
        github.releases.clear()
        assert refusal(token=WITH_TOKEN) == (
            "api.github.com:443 knows no release yet, or not the repository (404): "
            "the token env:GITHUB_TOKEN may lack access to it (Contents: read)"
        )


class TestAssets:
    def test_the_one_that_matches_is_read(self, github: FakeGitHub) -> None:
        assets = {"app.zip": b"no", "migrations-v3.tar.gz": tarball(OLD)}
        github.release("v3", NEW, assets=assets)
        asset = read(asset="migrations-*.tar.gz")
        assert (asset.version, migrations_of(asset)) == ("v3", {"1_a"})
        assert asset.origin == "example/app v3 migrations-v3.tar.gz"

    def test_a_zip(self, github: FakeGitHub) -> None:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("1/migration.sql", b"x")
        github.release("v3", OLD, assets={"m.zip": buffer.getvalue()})
        assert read(asset="m.zip").files == {"1/migration.sql": b"x"}

    def test_none_or_several_match(self, github: FakeGitHub) -> None:
        assert refusal(asset="*.zip") == "no asset of v2 matches *.zip: it has none at all"
        github.release("v3", OLD, assets={f"{name}.zip": name.encode() for name in "gfedcba"})
        assert refusal(asset="*.tar") == (
            "no asset of v3 matches *.tar: there is a.zip, b.zip, c.zip, d.zip, e.zip and 2 more"
        )
        assert refusal(asset="[ab].zip") == "2 assets of v3 match [ab].zip: a.zip, b.zip"

    def test_what_came_is_held_against_its_digest(self, github: FakeGitHub) -> None:
        github.release("v3", OLD, assets={"m.tgz": tarball(OLD)})
        github.download = lambda _: Reply(body=tarball(NEW))
        expected = "the asset m.tgz of v3 came otherwise than GitHub announced it (its digest differs)"
        assert refusal(asset="m.tgz") == expected
        github.asset_digests = False  # as on older servers of one's own
        assert migrations_of(read(asset="m.tgz")) == {"1_a", "2_b"}

    def test_one_that_is_broken(self, github: FakeGitHub) -> None:
        github.release("v3", OLD, assets={"m.tgz": tarball(OLD)[:-9]})
        assert refusal(asset="m.tgz") == "the asset m.tgz of v3 of example/app is truncated or corrupt"


class TestTheToken:
    def test_goes_to_github_and_to_nobody_it_redirects_to(self, github: FakeGitHub, cloud: Cloud) -> None:
        github.private = True
        github.release("v3", OLD, assets={"m.tgz": tarball(OLD)})
        assert migrations_of(read(token=WITH_TOKEN, asset="m.tgz")) == {"1_a"}
        assert migrations_of(read("v2", token=WITH_TOKEN)) == {"1_a", "2_b"}
        sent = {
            host: {request.headers.get("authorization") for request in cloud.seen_by(host)}
            for host in (API, CODELOAD, ASSETS)
        }
        assert sent == {API: {f"Bearer {TOKEN}"}, CODELOAD: {None}, ASSETS: {None}}

    def test_may_lie_in_a_vault(self, github: FakeGitHub, cloud: Cloud) -> None:
        vault = cloud.vault()
        vault.put("github-token", TOKEN)
        github.private = True
        token = Secret("vault:github-token", vault=Vault(vault.url, cloud.identity))
        assert read(token=token).version == "v2"

    def test_a_vault_that_refuses_it(self, github: FakeGitHub, cloud: Cloud) -> None:
        vault = cloud.vault()
        token = Secret("vault:github-token", vault=Vault(vault.url, cloud.identity))
        assert refusal(token=token) == (
            "vault:github-token of usasset-kv.vault.azure.net: the vault has no secret of that name"
        )

    def test_one_that_has_expired_is_fetched_again_the_next_time(self, github: FakeGitHub, cloud: Cloud) -> None:
        vault = cloud.vault()
        vault.put("github-token", "expired-hunter2")
        token = Secret("vault:github-token", vault=Vault(vault.url, cloud.identity))
        expected = "api.github.com:443 does not accept the token vault:github-token (401): it may have expired"
        assert refusal(token=token) == expected
        vault.put("github-token", TOKEN)
        assert read(token=token).version == "v2"

    @pytest.mark.parametrize("value", ["hunter2\nX: y", "hunter2\n", "hunter2\u2013", ""])
    def test_one_that_does_not_fit_into_a_header(self, github: FakeGitHub, cloud: Cloud, value: str) -> None:
        vault = cloud.vault()
        vault.put("github-token", value)
        token = Secret("vault:github-token", vault=Vault(vault.url, cloud.identity))
        assert refusal(token=token) == (
            "vault:github-token of usasset-kv.vault.azure.net: it is not what is asked for there: "
            "`token` must be one line, without spaces"
        )
        vault.put("github-token", TOKEN)
        assert read(token=token).version == "v2"

    def test_netrc_is_not_read(
        self, github: FakeGitHub, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text(f"machine {API} login x password hunter2\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        read()
        assert all("authorization" not in request.headers for request in cloud.seen_by(API))


class TestNothingTwice:
    def test_what_still_holds_costs_no_request_of_the_limit(self, github: FakeGitHub, cloud: Cloud) -> None:
        answers: list[str | None] = []
        assert read() == read()
        answers = [request.headers.get("if-none-match") for request in cloud.seen_by(API)]
        assert [bool(etag) for etag in answers] == [False, False, False, True, True]
        assert len(cloud.seen_by(CODELOAD)) == 1

    def test_a_wait_does_not_use_the_limit_up(self, github: FakeGitHub, cloud: Cloud) -> None:
        """GitHub says for how long what it says holds; a verification looks every five seconds."""
        github.holds = "private, max-age=60, s-maxage=60"
        assert read() == read() == read()
        assert len(cloud.seen_by(API)) == 3
        read(token=WITH_TOKEN)
        assert len(cloud.seen_by(API)) == 5, "another one may not see it"

    def test_nor_is_it_believed_for_longer_than_a_minute(
        self, github: FakeGitHub, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        github.holds = "max-age=999999"
        read()
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 61)
        read()
        assert len(cloud.seen_by(API)) == 5

    def test_an_asset_that_is_uploaded_again_is_read_again(self, github: FakeGitHub) -> None:
        release = github.release("v3", OLD, assets={"m.tgz": tarball(OLD)})
        read(asset="*")
        release.assets["m.tgz"] = tarball(NEW)
        assert migrations_of(read(asset="*")) == {"1_a", "2_b"}


class TestRefusals:
    def test_the_limit_is_named_with_its_end_and_how_to_raise_it(self, github: FakeGitHub) -> None:
        github.instead = rate_limited
        assert "until" in refusal(), "less than a day away"
        github.instead = lambda _: Reply(429, b"", {"Retry-After": "60"})
        sentence = refusal()
        assert sentence.startswith("api.github.com:443 answers nothing: its limit of requests is used up until 20")
        assert sentence.endswith(
            " UTC (429); a `token` lifts it from 60 an hour, shared with others behind one address"
        )
        assert refusal(token=WITH_TOKEN).endswith(" UTC (429)")
        github.instead = lambda _: Reply(
            429, b"", {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)}
        )
        assert "its limit of requests is used up until 20" in refusal(), "a date is as good"

    @pytest.mark.parametrize(
        ("status", "token", "expected", "lasting"),
        [
            (403, None, "api.github.com:443 refuses it (403): name a `token`", True),
            (
                403,
                WITH_TOKEN,
                "api.github.com:443 refuses it to the token env:GITHUB_TOKEN (403): it needs Contents: read, and where the organisation has single sign-on, to be authorised for it",
                True,
            ),
            (500, None, "api.github.com:443 answered 500", False),
            (503, WITH_TOKEN, "api.github.com:443 answered 503", False),
            (418, None, "api.github.com:443 answered 418", True),
        ],
    )
    def test_refused(self, github: FakeGitHub, status: int, token: Secret | None, expected: str, lasting: bool) -> None:
        github.instead = lambda _: json_reply({"message": "hunter2"}, status)
        assert refusal(token=token) == expected
        with pytest.raises(SourceDownError) as down:
            read(token=token)
        assert down.value.lasting is lasting

    def test_what_failed_once_is_asked_again(self, github: FakeGitHub) -> None:
        failures = [Reply(502), None]
        github.instead = lambda _: failures.pop(0) if failures else None
        assert read().version == "v2"

    def test_not_reached(self, github: FakeGitHub, cloud: Cloud) -> None:
        cloud.take_away(API)
        assert refusal() == "the proxy on the way to api.github.com:443 cannot be reached or refuses the connection"

    def test_an_answer_that_never_comes(
        self, github: FakeGitHub, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        github.instead = cloud.silence
        for seconds in growing(0.05):
            monkeypatch.setattr(web, "_READ_SECONDS", seconds)
            if refusal() == f"no whole answer from api.github.com:443 within {seconds:.3g} s":
                break

    def test_a_download_that_breaks_off(self, github: FakeGitHub) -> None:
        github.download = lambda body: Reply(body=body, breaks_off=40)
        assert refusal() == "codeload.github.com:443 closed the connection before the whole answer was there"

    def test_a_download_without_an_end(self, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web, "MAX_ARCHIVE", 1024 * 1024)
        github.download = lambda _: Reply(body=bytes(1024 * 1024 + 1))
        assert refusal() == "codeload.github.com:443 sends more than 1,048,576 bytes"

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(body=b"<html>hunter2</html>"),
            Reply(body=b"[" * 100_000),
            json_reply([1]),
            json_reply({"tag_name": 7}),
        ],
    )
    def test_what_is_no_release(self, github: FakeGitHub, reply: Reply) -> None:
        github.instead = lambda _: reply
        assert refusal() == "api.github.com:443 answered with something else than a release"
        assert refusal("v1") == "api.github.com:443 answered with something else than a commit"

    @pytest.mark.parametrize(
        ("location", "because"),
        [
            ("http://codeload.github.com/x", f"{API}:443 redirects to an address without https"),
            (f"https://{API}/again", f"more than 5 redirects, the last from {API}:443"),
            ("https://[", f"{API}:443 redirects to an invalid address"),
            ("ftp://x", f"{API}:443 redirects to an invalid address"),
        ],
    )
    def test_redirects_that_lead_nowhere(self, github: FakeGitHub, location: str, because: str) -> None:
        github.instead = lambda _: Reply(302, b"", {"Location": location})
        assert refusal() == because

    def test_a_tag_name_that_leads_elsewhere(self, github: FakeGitHub) -> None:
        github.instead = lambda _: json_reply({"tag_name": "../../../user"})
        assert refusal() == "its latest release has the tag '../../../user', which is no name in git"

    def test_a_tag_may_be_called_what_git_allows(self, github: FakeGitHub) -> None:
        github.release("größe/v1,2#3%41", OLD)
        assert read().version == "größe/v1,2#3%41"


def test_a_server_of_ones_own(cloud: Cloud) -> None:
    asked: list[str] = []

    def reply(request: Request) -> Reply:
        asked.append(request.path)
        return json_reply({"message": "Not Found"}, 404)

    cloud.host("github.example.com", reply)
    refusal(api="https://github.example.com/api/v3")
    assert asked == ["/api/v3/repos/example/app/releases/latest"]


def test_an_identity_is_no_matter_of_github() -> None:
    with pytest.raises(ValueError, match="`identity` belongs to the source blob or image"):
        ReleaseSettings("github", repository="example/app", identity=Identity("x"))
