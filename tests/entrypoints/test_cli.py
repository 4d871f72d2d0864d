import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests import states
from tests.patience import SECONDS

ROOT = Path(__file__).parents[2]
PASSWORD = "p4ssw0rd"
NOBODY_HOME = f"postgresql://reader:{PASSWORD}@127.0.0.1:1/app"


@pytest.fixture
def in_step(database: str, postgres: PrivatePostgres) -> str:
    states.load("up_to_date", database, postgres)
    return database


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def target_table(name: str, release: Path, *, more: str = "") -> str:
    return f"""
[[target]]
name = "{name}"
privileges = false
release = {{ source = "folder", path = '{release}'{more} }}
database = {{ url = "env:APP_URL" }}
"""


def migrations_folder(tmp_path: Path) -> str:
    (tmp_path / "migrations" / "1_init").mkdir(parents=True)
    (tmp_path / "migrations" / "1_init" / "migration.sql").write_text("SELECT 1;")
    return str(tmp_path / "migrations")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param([], "the following arguments are required: COMMAND", id="nothing"),
        pytest.param(["chek"], 'unknown command "chek"; did you mean check?\n`migration-monitor --help` lists all commands\n', id="no such command"),
        pytest.param(["Test_Alert"], 'unknown command "Test_Alert"; did you mean test-alert?\n', id="a command otherwise written"),
        pytest.param(["frobnicate"], 'unknown command "frobnicate"\n', id="a command like no other"),
        pytest.param([f"postgresql://u:{PASSWORD}@h/d"], "unknown command\n", id="a URL for a command"),
        pytest.param(
            ["check", "--frmat", "json", "--strikt"],
            "unknown option --frmat; did you mean --format?; unknown option --strikt; did you mean --strict?\n`migration-monitor check --help` lists all options\n",
            id="no such options",
        ),
        pytest.param(["check", f"--databas-url=postgresql://u:{PASSWORD}@h/d"], "unknown option --databas-url; did you mean --database-url?\n", id="no such option, with a secret"),
        pytest.param(["check", "--databas-url", f"postgresql://u:{PASSWORD}@h/d"], "unknown option --databas-url; did you mean --database-url?\n", id="no such option, with a secret behind it"),
        pytest.param(["silence", "--becuase", "x"], "unknown option --becuase; did you mean --because?\n", id="an option that is needed, misspelt"),
        pytest.param(["check", "--zzz"], "unknown option --zzz\n", id="an option like no other"),
        pytest.param(["check", "-z"], "unknown option -z\n", id="no such letter"),
        pytest.param(["check", f"postgresql://u:{PASSWORD}@h/d"], "`check` takes fewer arguments", id="an argument too many"),
        pytest.param(["verify", "--release", "dist/app.tar.gz"], "dist/app.tar.gz: there is no such folder or archive\n", id="no such archive to verify"),
        pytest.param(["verify", "--release", "../app"], "../app: there is no such folder or archive\n", id="no such folder to verify"),
        pytest.param(["verify", "--release", "dist/app", "--database-url", NOBODY_HOME, "--migrations", "."], "dist/app: there is no such folder or archive\n", id="no such folder beside a folder"),
        pytest.param(["check", "--format", "yaml"], "invalid choice: 'yaml'", id="no such form"),
        pytest.param(["check"], "set DATABASE_URL in the environment and give --migrations prisma/migrations, or copy monitor.example.toml", id="no settings and no options"),
        pytest.param(["check", "--all", "--target", "a"], "--all and --target exclude each other", id="all and one"),
        pytest.param(["check", "--all", "--database-url", NOBODY_HOME, "--migrations", "."], "--all needs a settings file", id="all without settings"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--output", "."], "--output takes the name of a file, not '.'", id="output to a folder"),
        pytest.param(["check", "--output", ""], "not ''", id="output to nothing"),
        pytest.param(["baseline", "--output", "nowhere/a.toml"], "there is no folder nowhere", id="output into no folder"),
        pytest.param(["schema", "--database-url", NOBODY_HOME, "--output", "."], "not '.'", id="a schema to a folder"),
        pytest.param(["check", "--config", "nowhere.toml"], "nowhere.toml", id="no such settings file"),
        pytest.param(["check", "--migrations", "m"], "DATABASE_URL", id="no database"),
        pytest.param(["check", "--database-url", NOBODY_HOME], "--migrations", id="no migrations"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", "nowhere"], "nowhere: there is no such", id="no such folder"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--target", "a"], "remove it", id="both ways at once"),
        pytest.param(["check", "--database-url", f"mysql://u:{PASSWORD}@h/d", "--migrations", "."], "postgresql://", id="not PostgreSQL"),
        pytest.param(["check", "--database-url", f"u:{PASSWORD}@h", "--migrations", "."], "postgresql://", id="no URL"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--seed", "users"], "users", id="a seed without a number"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--endpoint", "ftp://x"], "https://", id="an endpoint that is none"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--seed", "users=6", "--seed", "users=7"], "two count the same rows", id="a seed twice"),
        pytest.param(["check", "--database-url", NOBODY_HOME, "--migrations", ".", "--endpoint", "http://a/b", "--endpoint", "http://a/b"], "two have the same", id="an endpoint name twice"),
        pytest.param(["verify", "--wait", "-1"], "--wait", id="a negative wait"),
        pytest.param(["verify", "--wait", "soon"], "--wait", id="no number"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence_and_exit_1(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "Traceback" not in captured.err
    assert PASSWORD not in captured.err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["check", "--help"], ["verify", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(arguments)
        assert "examples:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make_release", "sentence"),
    [
        pytest.param(lambda path: path.mkdir(), "no migrations in it", id="a folder without migrations"),
        pytest.param(lambda path: path.write_bytes(b"not an archive"), "archive", id="an archive that is none"),
    ],
)
@pytest.mark.parametrize("command", [["check", "--migrations"], ["verify", "--wait", "600", "--migrations"]])
def test_a_release_that_is_none_is_a_wrong_call(
    make_release: Callable[[Path], None],
    sentence: str,
    command: list[str],
    in_step: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_release(tmp_path / "release.zip")
    assert main([*command, "release.zip", "--database-url", in_step]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err


def test_with_settings_a_release_that_cannot_be_read_is_unknown(
    in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_URL", in_step)
    (tmp_path / "monitor.toml").write_text(target_table("one", tmp_path / "nowhere"))
    assert main(["check", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["release"]) == ("unknown", None)
    history = next(check for check in report["checks"] if check["name"] == "history")
    assert "there is no" in history["unknown_because"]


def test_a_database_that_does_not_exist_is_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "--database-url", NOBODY_HOME, "--migrations", migrations_folder(tmp_path)]
    for form in ("text", "json", "markdown", "junit"):
        assert main([*arguments, "--format", form]) == 1
        captured = capsys.readouterr()
        assert "127.0.0.1:1" in captured.out
        assert PASSWORD not in captured.out + captured.err


def test_seeds_and_strictness(
    in_step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", in_step)
    check = ["check", "--migrations", str(states.migrations("up_to_date")), "--format", "json"]
    assert main([*check, "--seed", "User>=0"]) == 0
    assert main([*check, "--seed", "User=99"]) == 2
    assert main([*check, "--seed", "Nowhere>=0"]) == 2
    edited = ["check", "--migrations", str(states.migrations("edited_trailing_newline"))]
    assert main(edited) == 0
    assert main([*edited, "--strict"]) == 2
    assert "migration-edited" in capsys.readouterr().out


def test_a_zip_is_as_good_as_a_folder(in_step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = states.migrations("up_to_date")
    digests = []
    with zipfile.ZipFile(tmp_path / "release.zip", "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"repo-abc/prisma/migrations/{path.relative_to(folder)}")
    for release in (str(folder), "release.zip"):
        assert main(["verify", "--database-url", in_step, "--release", release, "--format", "json"]) == 0
        digests.append(json.loads(capsys.readouterr().out)["release"]["digest"])
    assert digests[0] == digests[1]


def test_output_goes_to_a_file_whole_or_not_at_all(
    in_step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = [
        "check",
        "--database-url",
        in_step,
        "--migrations",
        str(states.migrations("up_to_date")),
        "--format",
        "json",
    ]
    assert main([*check, "--output", "report.json"]) == 0
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "passed"
    assert capsys.readouterr().out == ""
    assert main([*check, "--output", "nowhere/report.json"]) == 1
    assert "cannot write nowhere/report.json: there is no folder nowhere" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@pytest.fixture
def schema_call() -> list[str]:
    """A call that writes something, and asks nobody for it."""
    return ["schema", "--migrations", str(states.migrations("up_to_date")), "--output"]


def test_output_through_a_link_leaves_the_link(schema_call: list[str], tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("before")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")
    (tmp_path / "dangling.txt").symlink_to("new.txt")
    assert main([*schema_call, "link.txt"]) == main([*schema_call, "dangling.txt"]) == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == (tmp_path / "new.txt").read_text() != "before"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"link.txt", "real.txt", "dangling.txt", "new.txt"}


def test_output_into_a_pipe_leaves_the_pipe(schema_call: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        assert main([*schema_call, "pipe"]) == 0
        assert reader.communicate(timeout=SECONDS)[0].startswith("21 objects")
    assert (tmp_path / "pipe").is_fifo()


def test_output_that_fails_leaves_what_was_there(
    schema_call: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "schema.txt").write_text("before")

    def full(_from: Path, _to: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    assert main([*schema_call, "schema.txt"]) == 1
    assert capsys.readouterr().err == "migration-monitor: cannot write schema.txt: No space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["schema.txt"]
    assert (tmp_path / "schema.txt").read_text() == "before"


def test_output_to_dev_stdout_destroys_no_log(schema_call: list[str], tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    with (tmp_path / "log").open("ab") as log:
        done = subprocess.run(
            [sys.executable, ROOT / "monitor.py", *schema_call, "/dev/stdout"], stdout=log, check=False
        )
    assert done.returncode == 0
    assert (tmp_path / "log").read_text().startswith("before\n21 objects")


def test_targets_of_a_settings_file(
    in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_URL", in_step)
    target = '[[target]]\nname = "{}"\nrelease = {{ source = "folder", path = "{}" }}\ndatabase = {{ url = "env:APP_URL" }}\n'
    folder = states.migrations("up_to_date")
    (tmp_path / "monitor.toml").write_text(target.format("one", folder))
    assert main(["check", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    # The test's role is a superuser: this is a finding of a target in a settings file.
    assert (report["target"], report["verdict"]) == ("one", "warning")
    assert [finding["code"] for finding in report["findings"]] == ["monitor-can-write"]
    (tmp_path / "monitor.toml").write_text(target.format("one", folder) + target.format("two", folder))
    assert main(["check"]) == 1
    assert "several targets" in capsys.readouterr().err
    assert main(["check", "--target", "three"]) == 1
    assert "no target 'three'" in capsys.readouterr().err
    assert main(["check", "--all", "--format", "json"]) == 0
    assert [report["target"] for report in json.loads(capsys.readouterr().out)] == ["one", "two"]


def run_monitor(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, ROOT / "monitor.py", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def test_a_reader_that_leaves_early_is_no_error(in_step: str) -> None:
    with run_monitor(
        "check", "--database-url", in_step, "--migrations", str(states.migrations("up_to_date"))
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


@pytest.mark.parametrize(
    ("redirection", "sentence"),
    [
        pytest.param(">/dev/full", "cannot write to standard output: No space left on device", id="a full disk"),
        pytest.param(">&-", "standard output is closed", id="closed"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["schema"]], ids=lambda command: command[0])
def test_standard_output_that_takes_nothing_is_one_sentence(
    redirection: str, sentence: str, command: list[str], in_step: str
) -> None:
    call = [*command, "--migrations", str(states.migrations("up_to_date"))]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, str(ROOT / "monitor.py"), *call],
        env={**os.environ, "DATABASE_URL": in_step},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"monitor.py: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_is_written_without_standard_output_and_error(schema_call: list[str], tmp_path: Path) -> None:
    call = [
        "sh",
        "-c",
        'exec "$@" >&- 2>&-',
        "sh",
        sys.executable,
        str(ROOT / "monitor.py"),
        *schema_call,
        "schema.txt",
    ]
    assert subprocess.run(call, check=False).returncode == 0
    assert (tmp_path / "schema.txt").read_text().startswith("21 objects")


@pytest.mark.parametrize(
    ("form", "encoding", "dot"),
    [
        ("text", "ascii", "?"),
        ("text", "latin-1", "·"),
        ("json", "ascii", "?"),
        *(
            pytest.param(form, encoding, "", marks=pytest.mark.long)
            for form in ("json", "markdown", "junit")
            for encoding in ("ascii", "latin-1")
            if (form, encoding) != ("json", "ascii")
        ),
    ],
)
def test_any_encoding_of_standard_output_will_do(form: str, encoding: str, dot: str, tmp_path: Path) -> None:
    folder = Path(migrations_folder(tmp_path)).rename(tmp_path / "ümlaut")
    done = subprocess.run(
        [sys.executable, ROOT / "monitor.py", "check", "--migrations", folder, "--format", form],
        env={**os.environ, "PYTHONIOENCODING": encoding, "DATABASE_URL": NOBODY_HOME},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    out = done.stdout.decode(encoding if form == "text" else "utf-8")
    assert {"text": f"release {dot} ", "markdown": "release · "}.get(form, "127.0.0.1:1") in out


# The warning beside each report that such a role has read.
SUPERUSER = "migration-monitor: the database role is a superuser: read with a role that may only read\n"


def test_a_pipe_gets_neither_colour_nor_progress(in_step: str) -> None:
    process = run_monitor("check", "--database-url", in_step, "--migrations", str(states.migrations("up_to_date")))
    out, err = process.communicate()
    assert (process.returncode, err) == (0, SUPERUSER.replace("migration-monitor", "monitor.py").encode())
    assert b"matches" in out
    assert b"\x1b" not in out


def test_the_others_may_be_broken(
    in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_URL", in_step)
    sound = target_table("sound", states.migrations("up_to_date"))
    broken = target_table("broken", tmp_path).replace("env:APP_URL", "env:NOT_SET_ANYWHERE")
    (tmp_path / "monitor.toml").write_text(sound + broken)
    assert main(["check", "--target", "sound"]) == 0
    assert "sound matches" in capsys.readouterr().out
    assert main(["check", "--target", "broken"]) == 1
    assert "NOT_SET_ANYWHERE is not set" in capsys.readouterr().err
    assert main(["check", "--all", "--format", "json"]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert [(report["target"], report["verdict"]) for report in reports] == [("sound", "passed"), ("broken", "unknown")]
    assert main(["check"]) == 1
    assert "several targets: name one with --target, or use --all (sound, broken)" in capsys.readouterr().err


def test_verify_needs_no_more_than_the_environment(
    in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(states.migrations("up_to_date"))
    assert main(["verify", "--release", folder]) == 1
    assert "set DATABASE_URL" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", in_step)
    assert main(["verify", "--release", folder]) == 0
    monkeypatch.setenv("MONITOR_CONFIG", "nowhere.toml")
    assert main(["verify", "--release", folder]) == 1
    assert "nowhere.toml" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["prisma/migrations", "."])
def test_verify_takes_a_checkout_or_its_migrations(
    at: str, in_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_URL", in_step)
    checkout = tmp_path / "checkout"
    shutil.copytree(states.migrations("up_to_date"), checkout / "prisma" / "migrations")
    (tmp_path / "monitor.toml").write_text(
        target_table("one", tmp_path / "nowhere", more=', migrations = "prisma/migrations"')
    )
    assert main(["verify", "--release", str(checkout / at)]) == 0


def test_both_options_after_a_call_without_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOBODY_HOME)
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "give --migrations prisma/migrations (the database is that of DATABASE_URL)" in said
    assert "monitor.example.toml" in said


def test_endpoints_with_the_same_path_are_named_with_their_hosts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # between its tries
    urls = ["http://127.0.0.1:1/api/health", "http://127.0.0.2:1/api/health", "http://127.0.0.1:1/"]
    endpoints = [word for url in urls for word in ("--endpoint", url)]
    call = ["check", "--database-url", NOBODY_HOME, "--migrations", migrations_folder(tmp_path), "--format", "json"]
    main([*call, *endpoints])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["subject"] for finding in findings if finding["code"] == "endpoint-unreachable"} == {
        "127.0.0.1:1/api/health",
        "127.0.0.2:1/api/health",
        "127.0.0.1:1",
    }


def test_unknown_parameters_of_the_url_are_named(in_step: str, capsys: pytest.CaptureFixture[str]) -> None:
    check = ["check", "--migrations", str(states.migrations("up_to_date")), "--database-url"]
    assert main([*check, f"{in_step}?shema=app"]) == 0
    assert capsys.readouterr().err == (f'migration-monitor: unknown URL parameter "shema" (ignored)\n{SUPERUSER}')
    assert main([*check, f"{in_step}?schema=public&connection_limit=1"]) == 0
    assert capsys.readouterr().err == SUPERUSER
