"""``mode: plan`` in a pull request: what is planned, what its page shows, and the one comment on it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.action.steps import Runner
from tests.gather.servers import Reply, Request, http_server

FOLDER = "apps/api/prisma/migrations"
INIT = 'CREATE TABLE "User" (id int PRIMARY KEY, name text);\n'
FAILS = '-- The column exists.\nALTER TABLE "User" ADD COLUMN name text;\n'
DROPS = 'ALTER TABLE "User" DROP COLUMN name;\n'


def git(runner: Runner, *words: str) -> str:
    own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *own, *words], cwd=runner.workspace, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(runner: Runner, **scripts: str) -> str:
    """Commit migrations by their names; give the commit."""
    for name, script in scripts.items():
        (runner.workspace / FOLDER / name.strip("_")).mkdir(parents=True, exist_ok=True)
        (runner.workspace / FOLDER / name.strip("_") / "migration.sql").write_text(script)
    git(runner, "add", "--all")
    git(runner, "commit", "--quiet", "--allow-empty", "--message", "-")
    return git(runner, "rev-parse", "HEAD")


@pytest.fixture
def base(runner: Runner) -> str:
    git(runner, "init", "--quiet")
    return commit(runner, _1_init=INIT)


def pull_request(base: str) -> dict[str, Any]:
    return {"pull_request": {"number": 7, "base": {"sha": base}}}


def test_what_fails_is_at_its_line_and_the_summary_has_the_plan(runner: Runner, base: str) -> None:
    commit(runner, _2_fails=FAILS)
    done = runner.step(pull_request(base), mode="plan", migrations=FOLDER)
    assert (done.status, done.outputs["verdict"]) == (2, "failed"), done.log
    (error,) = done.commands("error")
    assert error.startswith(f"::error file={FOLDER}/2_fails/migration.sql,line=2,title=deploy-will-fail::fails (42701)")
    assert "## ❌ Plan of 1 migration: failed" in done.summary
    assert json.loads(Path(done.outputs["json"]).read_text())["verdict"] == "failed"
    assert json.loads(Path(done.outputs["sarif"]).read_text())["version"] == "2.1.0"


def test_without_facts_what_depends_on_rows_is_in_the_summary_alone(runner: Runner, base: str) -> None:
    commit(runner, _2_drops=DROPS)
    done = runner.step(pull_request(base), mode="plan", migrations=FOLDER)
    assert (done.status, done.outputs["verdict"]) == (0, "warning"), done.log
    assert [line for level in ("error", "warning", "notice") for line in done.commands(level)] == []
    assert "loses the values of User.name" in done.summary
    assert runner.step(pull_request(base), mode="plan", migrations=FOLDER, strict="true").status == 2


def test_nothing_that_the_command_prints_is_a_command_to_the_runner(runner: Runner, base: str) -> None:
    commit(runner, _2_more="CREATE TABLE b (id int);\n")
    done = runner.step(pull_request(base), mode="plan", migrations="elsewhere\n::error file=evil::evil")
    assert "\n::error file=evil::evil" in done.log
    assert [line for line in done.commands("error") if "file=evil" in line] == []


def test_what_is_deployed_is_not_planned_and_what_changed_of_it_is_said(runner: Runner, base: str) -> None:
    deployed = commit(runner, _3_later="CREATE TABLE b (id int);\n")
    commit(runner, _1_init=INIT.replace("text", "varchar"), _2_earlier="CREATE TABLE c (id int);\n")
    done = runner.step(pull_request(deployed), mode="plan", migrations=f"./{FOLDER}/")
    assert done.status == 0, done.log
    document = json.loads(Path(done.outputs["json"]).read_text())
    assert [each["migration"] for each in document["statements"]] == ["2_earlier"]
    assert document["notes"] == [
        (
            "Changed after the deployment: 1_init. A deployment does not run a migration again: restore the file, and "
            "put the change into a new migration."
        ),
        "Older by name than 3_later, which is deployed, and run after it: 2_earlier.",
    ]


def test_a_base_without_the_folder_has_nothing_deployed(runner: Runner) -> None:
    git(runner, "init", "--quiet")
    empty = commit(runner)
    commit(runner, _1_init=INIT, _2_fails=FAILS)
    done = runner.step(pull_request(empty), mode="plan", migrations=FOLDER)
    assert len(json.loads(Path(done.outputs["json"]).read_text())["statements"]) == 2


def test_a_shallow_checkout_gets_the_base(runner: Runner, base: str, tmp_path: Path) -> None:
    commit(runner, _2_fails=FAILS)
    other = tmp_path / "other"
    other.mkdir()
    shallow = Runner(other)
    subprocess.run(["git", "clone", "--quiet", "--depth=1", runner.workspace.as_uri(), shallow.workspace], check=True)
    done = shallow.step(pull_request(base), mode="plan", migrations=FOLDER)
    assert done.status == 2, done.log
    assert "2_fails" in done.summary
    lost = shallow.step(pull_request("f" * 40), mode="plan", migrations=FOLDER)
    assert lost.status == 1
    assert "is not in the checkout and cannot be fetched: give `fetch-depth: 0`" in lost.log


def test_a_push_is_compared_with_the_commit_before(runner: Runner, base: str) -> None:
    commit(runner, _2_fails=FAILS, _3_more="CREATE TABLE b (id int);\n")
    done = runner.step({"before": base}, mode="plan", migrations=FOLDER)
    assert done.summary.count("###") == 2
    # A new branch has none before it: then the newest alone is planned.
    done = runner.step({"before": "0" * 40}, mode="plan", migrations=FOLDER)
    assert (done.status, done.summary.count("###")) == (0, 1)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"base": "--upload-pack=touch x"}, "`base` must be a commit, a branch or a tag"),
        ({"migrations": "nowhere"}, "There is no plan: the log says why."),
        ({"migrations": ""}, "mode plan needs the input `migrations`"),
        ({"strict": "yes"}, "`strict` must be false or true, not 'yes'"),
    ],
)
def test_wrong_inputs(inputs: dict[str, str], said: str, runner: Runner, base: str) -> None:
    done = runner.step({}, mode="plan", **{"migrations": FOLDER, **inputs})
    assert done.status == 1
    assert said in done.log
    assert not (runner.workspace / "x").exists()


# The comment


class Comments:
    """Comments of a pull request as GitHub keeps them."""

    def __init__(self, *comments: dict[str, Any]) -> None:
        self.kept = [dict(each) for each in comments]
        self.refused = 0
        self.bodies: list[dict[str, Any]] = []

    def answer(self, request: Request) -> Reply:
        if request.headers["authorization"] != "Bearer t0ken" or self.refused:
            return Reply(self.refused or 401, b"{}")
        document = json.loads(request.body)
        if request.path == "/graphql":
            start = int(document["variables"]["after"] or 0)
            page = {
                "nodes": self.kept[start : start + 1],
                "pageInfo": {"hasNextPage": start + 1 < len(self.kept), "endCursor": str(start + 1)},
            }
            return Reply(200, json.dumps({"data": {"repository": {"pullRequest": {"comments": page}}}}).encode())
        self.bodies.append(document)
        if request.method == "POST":
            assert request.path == "/repos/owner/name/issues/7/comments"
            self.kept.append({"databaseId": 100 + len(self.kept), "viewerDidAuthor": True, **document})
            return Reply(201, b"{}")
        assert request.method == "PATCH"
        number = int(request.path.removeprefix("/repos/owner/name/issues/comments/"))
        (found,) = (each for each in self.kept if each["databaseId"] == number)
        found.update(document)
        return Reply(200, b"{}")


@contextmanager
def github(comments: Comments) -> Iterator[dict[str, str]]:
    with http_server(comments.answer) as (port, _):
        yield {"GITHUB_API_URL": f"http://127.0.0.1:{port}", "GITHUB_GRAPHQL_URL": f"http://127.0.0.1:{port}/graphql"}


def test_one_comment_is_kept_up_to_date(runner: Runner, base: str) -> None:
    mark = f"<!-- migration-monitor: plan of {FOLDER} -->"
    forged = {"databaseId": 1, "viewerDidAuthor": False, "body": f"{mark}\nnot ours"}
    other = {"databaseId": 2, "viewerDidAuthor": True, "body": "of another tool"}
    comments = Comments(forged, other)
    call = {"mode": "plan", "migrations": FOLDER, "token": "t0ken"}
    with github(comments) as environ:
        runner.step(pull_request(base), environ, **call)
        assert comments.bodies == [], "nothing to deploy is nothing to say"
        commit(runner, _2_fails=FAILS)
        runner.step(pull_request(base), environ, **call)
        assert len(comments.kept) == 3
        assert comments.kept[2]["body"].startswith(f"{mark}\n## ❌ Plan of 1 migration: failed")
        again = runner.step(pull_request(base), environ, **call)
        assert len(comments.bodies) == 1, "the same is not written twice"
        commit(runner, _2_fails="CREATE TABLE b (id int);\n")
        runner.step(pull_request(base), environ, **call)
    assert len(comments.kept) == 3
    assert "## ✅ Plan of 1 migration: passed" in comments.kept[2]["body"]
    assert comments.kept[:2] == [forged, other]
    assert "t0ken" not in again.log


@pytest.mark.parametrize(
    ("status", "said"),
    [(403, "it needs pull-requests: write"), (500, "GitHub answered 500 to the token")],
)
def test_a_comment_that_cannot_be_written_is_a_warning(status: int, said: str, runner: Runner, base: str) -> None:
    commit(runner, _2_ok="CREATE TABLE b (id int);\n")
    comments = Comments()
    comments.refused = status
    with github(comments) as environ:
        done = runner.step(pull_request(base), environ, mode="plan", migrations=FOLDER, token="t0ken")
    assert done.status == 0
    (warning,) = done.commands("warning")
    assert said in warning


def test_a_comment_is_no_longer_than_github_takes(runner: Runner, base: str) -> None:
    commit(runner, _2_long="".join(f'CREATE TABLE "t{number}" (id int);\n' for number in range(1200)))
    comments = Comments()
    with github(comments) as environ:
        done = runner.step(pull_request(base), environ, mode="plan", migrations=FOLDER, token="t0ken")
    assert done.status == 0
    (body,) = (each["body"] for each in comments.kept)
    assert len(body) < 65_536
    assert body.endswith("… and more: see the log or the JSON.\n")
    assert "t1199" in done.summary


# Facts


@pytest.mark.parametrize(
    ("key", "reply", "said"),
    [
        ("", Reply(200), "::notice title=Migration Monitor::Planned without the facts of a production: there is no `facts-key` here."),
        ("k", Reply(404), "HTTP 404; the key or the target's name is wrong."),
        ("k", Reply(503), "HTTP 503; the log of the monitor says why."),
        ("k", Reply(200, b"x", {}, 0), "breaks off"),
    ],
)  # fmt: skip
def test_without_the_facts_of_a_monitor_the_plan_is_static(
    key: str, reply: Reply, said: str, runner: Runner, base: str
) -> None:
    commit(runner, _2_ok="CREATE TABLE b (id int);\n")
    with http_server(lambda _request: reply) as (port, _):
        url = f"http://127.0.0.1:{port}/api/facts/production"
        done = runner.step(pull_request(base), mode="plan", migrations=FOLDER, facts_url=url, facts_key=key)
    assert (done.status, done.outputs["verdict"]) == (0, "passed"), done.log
    assert said in done.log


def test_with_the_facts_of_a_production_what_its_rows_suffer_is_at_its_line(
    runner: Runner, base: str, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(INIT.encode())
        connection.execute("INSERT INTO \"User\" VALUES (1, 'x')")
        connection.execute(
            "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, "
            "finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, "
            "started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)"
        )
        connection.execute(
            "INSERT INTO _prisma_migrations VALUES ('1', encode(sha256(%s), 'hex'), now(), '1_init', NULL, NULL, now(), 1)",
            [INIT.encode()],
        )
        connection.execute("ANALYZE")
    commit(runner, _2_drops=DROPS)
    checked = runner.step(
        {}, {"DATABASE_URL": database}, mode="check", migrations=FOLDER, facts_output="facts.json", on_unknown="warn"
    )
    assert checked.outputs["verdict"] == "failed", checked.log
    assert "file=apps/api/prisma/migrations/2_drops/migration.sql,line=1,title=migration-pending" in checked.log
    planned = runner.step({}, mode="plan", migrations=FOLDER, facts="facts.json")
    warnings = planned.commands("warning")
    assert [each.split(",title=")[1].split("::")[0] for each in warnings] == [
        "deploy-loses-data",
        "deploy-breaks-running-app",
    ], planned.log
    assert "::Will lose data: ALTER TABLE" in warnings[0]
    facts = (runner.workspace / "facts.json").read_bytes()
    with http_server(lambda _request: Reply(200, facts)) as (port, seen):
        url = f"http://127.0.0.1:{port}/api/facts/production"
        done = runner.step(pull_request(base), mode="plan", migrations=FOLDER, facts_url=url, facts_key="k")
    assert done.commands("warning") == warnings
    assert [(each.method, each.headers["x-monitor-key"]) for each in seen] == [("GET", "k")]


def test_with_a_scratch_server_what_is_observed_is_beside_what_is_predicted(
    runner: Runner, base: str, database: str
) -> None:
    commit(runner, _2_raises="DO $$ BEGIN RAISE EXCEPTION 'no'; END $$;\n")
    done = runner.step(pull_request(base), mode="plan", migrations=FOLDER, scratch_url=database)
    assert (done.status, done.outputs["verdict"]) == (2, "failed"), done.log
    (error,) = done.commands("error")
    assert "observed: failed (P0001): no" in error
    assert "observed: failed (P0001): no" in done.summary
    assert "postgresql://" not in done.log + done.summary
