"""The settings file: what is right is read, every mistake is reported at once and without a secret."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shared.model.azure import Identity
from shared.model.endpoint import BodyExpectation, EndpointExpectation
from shared.model.release_settings import ReleaseSettings
from shared.model.seed import SeedExpectation
from shared.model.setting_types import PrismaVersion, Secret
from shared.model.settings import DatabaseSettings, MemorySettings, RemedySettings, Settings, Target
from shared.settings import SettingsError, database_url, environment, load_settings, settings_path
from tests.settings.sound import sound

ROOT = Path(__file__).parents[2]
PASSWORD = "hunter2-of-the-environment"
ENVIRON = {"DATABASE_URL": f"postgresql://monitor:{PASSWORD}@db/app", "TOKEN": f"Bearer {PASSWORD}", "EMPTY": ""}

# Nothing says that this is an app in Azure.
AT_A_TERMINAL = Identity(managed=False)
NO_URL = "must be like https://api.example.com/health, without a password in it"

Load = Callable[[str], Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load settings from a text; its file is called monitor.toml."""

    def from_text(text: str) -> Settings:
        path = tmp_path / "monitor.toml"
        path.write_text(text, encoding="utf-8", newline="")
        return load_settings(path, ENVIRON)

    return from_text


def target(more: str = "", name: str = "production") -> str:
    """Write a target that is right; *more* follows its last line."""
    return f"""
[[target]]
name = "{name}"
release = {{ source = "folder", path = "app" }}
database = {{ url = "env:DATABASE_URL" }}
{more}
"""


def endpoint(more: str) -> str:
    return target(f'[[target.endpoint]]\nname = "folders"\nurl = "https://api.example.com/folders"\n{more}')


def seed(more: str) -> str:
    return target(f'[[target.seed]]\ntable = "users"\n{more}')


def mistakes_in(load: Load, text: str) -> list[str]:
    """Give what is said of a text, strictly read, without the names of file and line."""
    with pytest.raises(SettingsError) as caught:
        sound(load(text))
    assert PASSWORD not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert str(caught.value) == "\n".join(map(str, caught.value.mistakes))
    return [f"{mistake.key}: {mistake.problem}" for mistake in caught.value.mistakes]


def test_reads_everything(load: Load, tmp_path: Path) -> None:
    text = target("""
patience = "0s"
interval = "5m"
prisma = "7.10.2"
plan = "hourly"
max_block = "30s"
queue_alert = 25
privileges = false
[target.remedy]
before = ["cd app"]
[[target.seed]]
table = "app.users"
min = 1
[[target.endpoint]]
name = "folders"
url = "https://api.example.com/folders"
headers = { Authorization = "env:TOKEN", Accept = "application/json" }
max_latency = "1500ms"
expect = [{ path = "status", equals = "ok" }, { path = "n", equals = [1, { a = true }] }]
tables = ["folders"]
""")
    expected = Target(
        name="production",
        releases=(ReleaseSettings("folder", str(tmp_path / "app")),),
        database=DatabaseSettings(Secret("env:DATABASE_URL", ENVIRON["DATABASE_URL"])),
        identity=AT_A_TERMINAL,
        patience=timedelta(0),
        interval=timedelta(minutes=5),
        prisma=PrismaVersion(7, 10),
        plan="hourly",
        max_block=timedelta(seconds=30),
        queue_alert=25,
        privileges=False,
        remedy=RemedySettings(before=("cd app",)),
        seeds=(SeedExpectation("app.users", min=1),),
        endpoints=(
            EndpointExpectation(
                "folders",
                "https://api.example.com/folders",
                headers={"Authorization": Secret("env:TOKEN", ENVIRON["TOKEN"]), "Accept": "application/json"},
                max_latency=timedelta(seconds=1.5),
                expectations=(BodyExpectation("status", "ok"), BodyExpectation("n", [1, {"a": True}])),
                tables=("folders",),
            ),
        ),
    )
    settings = load(text)
    assert settings == Settings((expected,), memory=MemorySettings(str(tmp_path / "memory"), identity=AT_A_TERMINAL))
    assert sound(settings) is settings
    assert PASSWORD not in repr(settings)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param(target(), None, id="nothing wrong"),
        pytest.param(target('intervall = "1h"'), ["intervall: unknown key; did you mean `interval`?"], id="typing error"),
        pytest.param(
            target("[target.remedy]\nzzz = 1"),
            ["remedy.zzz: unknown key; here may stand folder, before"],
            id="unknown key like no other",
        ),
        pytest.param(target("seeds = []"), ["seeds: unknown key; did you mean `seed`?"], id="plural"),
        pytest.param(target("interval = 60"), ["interval: write a number and a unit: 500ms, 90s, 15m, 1h or 2d"], id="unit"),
        pytest.param(target('interval = "4m"'), ["interval: must be 5m to 24h"], id="too often"),
        pytest.param(target('interval = "5m"'), None, id="as often as may be"),
        pytest.param(target('deadline = "1s"'), ["deadline: must be 5s to 10m"], id="too short a run"),
        pytest.param(
            target("prisma = 7.10"),
            ['prisma: write the major and the minor version as text, as "7.10"'],
            id="a version is no number: 7.10 would be 7.1",
        ),
        pytest.param(target("queue_alert = 0"), ["queue_alert: must be 1 to 262,143"], id="no queue at all"),
        pytest.param(target('patience = "25h"'), ["patience: must be 24h at most"], id="too patient"),
        pytest.param(
            target("privileges = 1"), ["privileges: expected true or false, e.g. privileges = true"], id="not yes or no"
        ),
        pytest.param(target("remedy = 1"), ["remedy: expected a table, e.g. [target.remedy]"], id="no table"),
        pytest.param(target("seed = 1"), ["seed: expected tables, e.g. [[target.seed]]"], id="no tables"),
        pytest.param(target("seed = [1]"), ["seed[1]: expected tables, e.g. [[target.seed]]"], id="no table in the list"),
        pytest.param(
            target('[target.seed]\ntable = "users"\nexact = 6'),
            ["seed: expected tables, e.g. [[target.seed]]"],
            id="single brackets",
        ),
        pytest.param(
            target("[[target.seed]]\nexact = 6"), ['seed[1].table: is missing, e.g. table = "…"'], id="no table named"
        ),
        pytest.param(seed("exact = 6"), None, id="so many"),
        pytest.param(seed("min = 1\nmax = 3"), None, id="between"),
        pytest.param(
            seed('exact = "6"'), ["seed.users.exact: expected a whole number, e.g. exact = 6"], id="a number as text"
        ),
        pytest.param(
            seed("exact = true"), ["seed.users.exact: expected a whole number, e.g. exact = 6"], id="yes as a number"
        ),
        pytest.param(seed(""), ["seed.users: say how many rows: `exact`, or `min`, `max` or both; or `max_drop`"], id="how many?"),
        pytest.param(
            seed("exact = 6\nmin = 1"), ["seed.users.exact: excludes `min` and `max`"], id="exact and min"
        ),
        pytest.param(seed("min = 3\nmax = 1"), ["seed.users.min: is above `max`"], id="min above max"),
        pytest.param(seed("min = -1"), ["seed.users: a table cannot hold fewer than 0 rows"], id="below nothing"),
        pytest.param(
            seed('exact = 6\n[[target.seed]]\ntable = "users"\nmin = 1'), ["seed: two count the same rows"], id="twice"
        ),
        pytest.param(
            seed('exact = 6\n[[target.seed]]\ntable = "users"\nmin = 1\nwhere = "admin"'), None, id="twice, other rows"
        ),
        pytest.param(
            target('[[target.seed]]\ntable = "a.b.c"\nexact = 1'),
            ['seed."a.b.c".table: must be a table\'s name, or schema.table, as PostgreSQL stores it'],
            id="a table of a schema of what?",
        ),
        pytest.param(
            target('[target.release]\nsource = "ftp"').replace("release = {", "remedy = {} #"),
            ["release.source: must be one of folder, archive, github, blob, image"],
            id="unknown kind of source",
        ),
        pytest.param(
            target().replace("database =", "remedy = {} #"), ["database: is missing, e.g. [target.database]"], id="no database"
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_target(load: Load, text: str, mistakes: list[str] | None) -> None:
    if mistakes is None:
        assert sound(load(text)).targets[0].name == "production"
    else:
        assert mistakes_in(load, text) == [f"target.production.{mistake}" for mistake in mistakes]


@pytest.mark.parametrize(
    ("more", "mistakes"),
    [
        pytest.param("", None, id="nothing wrong"),
        pytest.param('headers = { Authorization = "env:TOKEN" }', None, id="a named credential"),
        pytest.param(
            'headers = { Authorization = "Bearer written-out" }',
            ['headers.Authorization: is a secret: name it, do not write it here: "env:NAME" or "vault:NAME"'],
            id="a credential written out",
        ),
        pytest.param(
            "headers = { Accept = 1 }",
            ['headers.Accept: expected text or the name of a secret, "env:NAME" or "vault:NAME"'],
            id="a header of no text",
        ),
        pytest.param(
            'headers = { Accept = "a\\nb" }',
            ["headers.Accept: is not what a header can hold: one trimmed line"],
            id="a header of two lines",
        ),
        pytest.param('headers = { "A b" = "c" }', ["headers: has a name that HTTP does not allow"], id="a header's name"),
        pytest.param('headers = { "" = "c" }', ['headers."": must not be empty'], id="a header's empty name"),
        pytest.param("status = 99", ["status: must be an HTTP status, 100 to 599"], id="no status"),
        pytest.param("tries = 0", ["tries: must be 1 to 10"], id="no try"),
        pytest.param('timeout = "0s"', ["timeout: must be more than 0s, 2m at most"], id="no time"),
        pytest.param('max_latency = "0ms"', ["max_latency: must be more than 0s"], id="at once"),
        pytest.param('pause = "0s"', None, id="without a pause"),
        pytest.param('pause = "2m"', ["pause: must be 1m at most"], id="a long pause"),
        pytest.param("certificate_days = 366", ["certificate_days: must be 0 to 365"], id="a certificate's life"),
        pytest.param("min_items = -1", ["min_items: cannot be below 0"], id="fewer than none"),
        pytest.param('items = "data"\nmin_items = 1', None, id="items of a list within"),
        pytest.param('items = "data["\nmin_items = 1', ["items: is not a JMESPath expression"], id="no expression"),
        pytest.param(
            'items = "data"', ["items: says where to count: say how many with `min_items`"], id="where, not how many"
        ),
        pytest.param(
            'method = "GTE"', ["method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"], id="no method"
        ),
        pytest.param('method = "HEAD"', None, id="a head"),
        pytest.param(
            'method = "HEAD"\nmin_items = 1',
            ["method: HEAD brings no body: nothing can be expected of it"],
            id="a head with a body",
        ),
        pytest.param('tables = "folders"', ['tables: expected a list, e.g. tables = ["…"]'], id="no list"),
        pytest.param("tables = [1]", ['tables[1]: expected text, e.g. "…"'], id="a list of no texts"),
        pytest.param('contains = ""', ["contains: must not be empty"], id="empty"),
        pytest.param('contains = "a\\u0000b"', ["contains: must not hold a NUL character"], id="NUL"),
        pytest.param(
            '[[target.endpoint.expect]]\npath = "a"\nequals = 2026-11-22',
            ["expect.a.equals: must be text, a number, true, false, a list or a table"],
            id="JSON knows no dates",
        ),
        pytest.param(
            'body = "env:UNSET"\ncontains = "env:EMPTY"',
            ["body: the environment variable UNSET is not set", "contains: the environment variable EMPTY is empty"],
            id="variables that do not exist",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_endpoint(load: Load, more: str, mistakes: list[str] | None) -> None:
    if mistakes is None:
        assert len(sound(load(endpoint(more))).targets[0].endpoints) == 1
    else:
        assert mistakes_in(load, endpoint(more)) == [
            f"target.production.endpoint.folders.{mistake}" for mistake in mistakes
        ]


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("http://localhost:3000/", True),
        ("https://[::1]/a?b=c", True),
        ("ftp://api.example.com/", False),
        ("api.example.com", False),
        ("https://", False),
        ("https://api.example.com:99999/", False),
        ("https://api.example.com/a b", False),
        ("https://[api/", False),
        ("https://user:password@api.example.com/", False),
    ],
)
def test_endpoints_have_urls_without_a_password(url: str, right: bool) -> None:
    if right:
        assert EndpointExpectation("api", url).url == url
    else:
        with pytest.raises(ValueError) as caught:
            EndpointExpectation("api", url)
        assert str(caught.value) == f"`url` {NO_URL}"


def test_every_mistake_is_reported_at_once_with_its_line(load: Load, tmp_path: Path) -> None:
    text = """# A mistake that another one could hide is reported too.
[[target]]
name = "production"
interval = "1m"
patience = 7
release.source = "folder"
database.url = "env:UNSET"

[[target.seed]]
table = "users"
where = \"\"\"
a
b\"\"\"
exact = "6"
min = 1
[[target.seed]]
table = "users"
max = 1

[[target.endpoint]]
url = "nowhere"
tries = 99
max_latncy = "1s"
"""
    with pytest.raises(SettingsError) as caught:
        sound(load(text))
    assert str(caught.value).replace(str(tmp_path), "").splitlines() == [
        "/monitor.toml:4: target.production.interval: must be 5m to 24h",
        "/monitor.toml:5: target.production.patience: write a number and a unit: 500ms, 90s, 15m, 1h or 2d",
        '/monitor.toml:6: target.production.release.path: is missing, e.g. path = "…"',
        "/monitor.toml:7: target.production.database.url: the environment variable UNSET is not set",
        "/monitor.toml:14: target.production.seed.users.exact: expected a whole number, e.g. exact = 6",
        '/monitor.toml:20: target.production.endpoint[1].name: is missing, e.g. name = "…"',
        f"/monitor.toml:21: target.production.endpoint[1].url: {NO_URL}",
        "/monitor.toml:22: target.production.endpoint[1].tries: must be 1 to 10",
        "/monitor.toml:23: target.production.endpoint[1].max_latncy: unknown key; did you mean `max_latency`?",
    ]


def test_a_bad_target_leaves_the_others(load: Load) -> None:
    settings = load(target("privileges = 1", "bad") + target() + target(name="a b") + "[[target]]")
    assert [good.name for good in settings.targets] == ["production"]
    assert [(bad.name, [mistake.key for mistake in bad.mistakes]) for bad in settings.broken] == [
        ("bad", ["target.bad.privileges"]),
        ("unnamed-3", ['target."a b".name']),
        ("unnamed-4", ["target[4].database", "target[4].name", "target[4].release"]),
    ]
    with pytest.raises(SettingsError) as caught:
        sound(settings)
    assert len(caught.value.mistakes) == 5


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param("", ["target: is missing, e.g. [[target]]"], id="empty"),
        pytest.param("target = []", ["target: there is none: add one with [[target]]"], id="no target"),
        pytest.param('[target]\nname = "a"', ["target: expected tables, e.g. [[target]]"], id="single brackets"),
        pytest.param("target = 1", ["target: expected tables, e.g. [[target]]"], id="no table"),
        pytest.param("a = 1" + target(), ["a: unknown key; here may stand target, alerts, memory, azure"], id="unknown key"),
        pytest.param(
            "targte = 1\n" + target("privileges = 1"),
            [
                "targte: unknown key; did you mean `target`?",
                "target.production.privileges: expected true or false, e.g. privileges = true",
            ],
            id="a mistake of the file and one of a target",
        ),
        pytest.param(
            target() + target(name="PRODUCTION"),
            [
                "target.production.name: another target has the same name",
                "target.PRODUCTION.name: another target has the same name",
            ],
            id="two of one name",
        ),
        pytest.param("[[target]\n", [": is not TOML: Expected ']]' at the end of an array declaration (at line 1, column 9)"], id="broken"),
        pytest.param("a = " + "9" * 5000, [": is not TOML: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit"], id="absurd number"),
        pytest.param("a = " + "[" * 5000, [": is nested too deeply"], id="deep list"),
        pytest.param("a" + ".a" * 2000 + " = 1", [": is nested too deeply"], id="deep table"),
    ],
)  # fmt: skip
def test_refuses_a_file_that_cannot_be_used(load: Load, text: str, mistakes: list[str]) -> None:
    with pytest.raises(SettingsError):
        load(text)
    assert mistakes_in(load, text) == mistakes


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "utf-16.toml").write_bytes("[[target]]".encode("utf-16"))
    said = {}
    for name in ("none.toml", "", "utf-16.toml", "a\0b"):
        with pytest.raises(SettingsError) as caught:
            load_settings(tmp_path / name, ENVIRON)
        said[name] = str(caught.value).removeprefix(str(tmp_path)).partition(": ")[2]
    assert said == {
        "none.toml": "there is no such file; start from monitor.example.toml, or name another one in MONITOR_CONFIG",
        "": "cannot be read: Is a directory",
        "utf-16.toml": "is not UTF-8 text, from byte 0 on",
        "a\0b": "is not the name of a file",
    }


def test_windows_text_is_the_same_text(load: Load) -> None:
    text = target("privileges = 1")
    assert load("\ufeff" + text.replace("\n", "\r\n")).broken == load(text).broken


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"postgresql://u:{PASSWORD}@h/d?schema=app", None),
        (f"postgres://u:{PASSWORD}@h/d", None),
        (f"mysql://u:{PASSWORD}@h/d", "env:URL: "),
        (PASSWORD, "env:URL: "),
        (f"postgresql://u:{PASSWORD}@h:port/d", "env:URL: "),
        (f"{PASSWORD}\udcff", "the environment variable URL does not hold UTF-8 text"),
        # What a function app sees when Azure could not put the secret in the reference's place.
        (
            f"@Microsoft.KeyVault(SecretUri=https://{PASSWORD})",
            "the environment variable URL is a reference to a Key Vault",
        ),
    ],
)
def test_a_wrong_database_url_is_not_repeated(tmp_path: Path, url: str, problem: str | None) -> None:
    path = tmp_path / "monitor.toml"
    path.write_text(target().replace("env:DATABASE_URL", "env:URL"))
    settings = load_settings(path, {"URL": url})
    if problem is None:
        assert settings.targets[0].database.url == Secret("env:URL", url)
        return
    [broken] = settings.broken
    [mistake] = broken.mistakes
    assert mistake.key == "target.production.database.url"
    assert mistake.problem.startswith(problem)
    assert PASSWORD not in repr(settings)


def test_a_secret_written_out_is_not_repeated(load: Load) -> None:
    text = target().replace("env:DATABASE_URL", "postgresql://u:written-out@h/d")
    assert mistakes_in(load, text) == [
        'target.production.database.url: name the secret, do not write it here: "env:NAME" or "vault:NAME"'
    ]


def test_a_name_from_the_environment_is_shown_as_the_file_says_it(load: Load) -> None:
    text = target("privileges = 1", name="env:TOKEN")
    assert mistakes_in(load, text) == [
        'target."env:TOKEN".name: must be 1 to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit',
        'target."env:TOKEN".privileges: expected true or false, e.g. privileges = true',
    ]


def test_the_environment_names_the_file_and_a_database() -> None:
    assert settings_path({}) == settings_path({"MONITOR_CONFIG": ""}) == Path("monitor.toml")
    assert settings_path({"MONITOR_CONFIG": "/etc/monitor.toml"}) == Path("/etc/monitor.toml")
    assert database_url({}) is database_url({"DATABASE_URL": ""}) is None
    assert database_url(ENVIRON) == Secret("env:DATABASE_URL", ENVIRON["DATABASE_URL"])
    assert PASSWORD not in repr(database_url(ENVIRON))


def test_the_environment_is_the_process_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", "elsewhere.toml")
    assert environment()["MONITOR_CONFIG"] == "elsewhere.toml"


def test_only_settings_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "shared").rglob("*.py")
        # The demo hands it on to the programs that it starts.
        if "demo" not in path.parts
        and re.search(r"\bos\.(environ|getenv)|from os import .*(environ|getenv)", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["shared/settings/environment.py"]


def test_pydantic_is_imported_only_where_a_file_is_read() -> None:
    program = "import sys, shared.settings; sys.exit('pydantic' in sys.modules or 'pydantic_core' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("written", "variable", "expected"),
    [
        pytest.param("", None, None, id="neither: Mozilla's list"),
        pytest.param("", "/etc/own.pem", "/etc/own.pem", id="libpq's variable"),
        pytest.param(', ssl_root_cert = "/here.pem"', "/etc/own.pem", "/here.pem", id="the file wins"),
    ],
)
def test_who_may_vouch_for_the_server(written: str, variable: str | None, expected: str | None, tmp_path: Path) -> None:
    path = tmp_path / "monitor.toml"
    path.write_text(target().replace('"env:DATABASE_URL" }', f'"env:DATABASE_URL"{written} }}'))
    environ = ENVIRON if variable is None else {**ENVIRON, "PGSSLROOTCERT": variable}
    assert load_settings(path, environ).targets[0].database.ssl_root_cert == expected


CHANNELS = """
[alerts]
heartbeat = "env:UNSET_PING"
runbook = "env:UNSET_PAGE"
reminder_hours = 12
[[alerts.channel]]
name = "team"
kind = "teams"
url = "env:UNSET_TEAMS"
[[alerts.channel]]
name = "mail"
kind = "email"
from = "env:UNSET_FROM"
to = ["env:UNSET_TO"]
smtp = { host = "env:UNSET_HOST", user = "monitor", password = "env:EMPTY" }
[[alerts.channel]]
name = "hook"
kind = "webhook"
url = "env:HOOK"
"""
TO_ALL = target('alerts = { channels = ["team", "mail", "hook"] }')


def for_no_message(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "monitor.toml"
    path.write_text(text)
    return load_settings(path, {**ENVIRON, "HOOK": "https://hook.example.com"}, notifies=False)


def test_who_does_not_notify_needs_nothing_that_only_messages_need(tmp_path: Path) -> None:
    settings = for_no_message(tmp_path, CHANNELS + TO_ALL)
    assert ([each.name for each in settings.targets], settings.broken) == (["production"], ())
    alerts = settings.alerts
    assert [channel.name for channel in alerts.channels] == ["hook"]
    assert (alerts.heartbeat, alerts.runbook, alerts.reminder_hours) == (None, None, 12)


def test_the_error_of_a_run_that_notifies_names_every_mistake(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load(CHANNELS + TO_ALL)
    lacking = re.findall(r"the environment variable (\w+) is", str(caught.value))
    assert lacking == [
        "UNSET_PING",
        "UNSET_PAGE",
        "UNSET_TEAMS",
        "UNSET_FROM",
        "UNSET_TO",
        "UNSET_HOST",
        "EMPTY",
        "HOOK",
    ]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param(CHANNELS + "tries = 99" + TO_ALL, ["alerts.channel.hook.tries"], id="of another channel"),
        pytest.param(CHANNELS.replace("12", "0") + TO_ALL, ["alerts.reminder_hours"], id="of another key"),
        pytest.param(CHANNELS + TO_ALL.replace("hook", "x"), ["target.production.alerts.channels[3]"], id="of a target"),
        pytest.param(CHANNELS + TO_ALL.replace("DATABASE", "UNSET"), ["target.production.database.url"], id="of a database"),
        pytest.param('alerts = "env:UNSET"\n' + target(), ["alerts"], id="no table"),
        pytest.param('[alerts.channel]\nurl = "env:UNSET"\n' + target(), ["alerts.channel"], id="no list"),
    ],
)  # fmt: skip
def test_what_else_is_wrong_stays_so(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        sound(for_no_message(tmp_path, text))
    assert [
        re.sub(r"^.*?toml(:\d+)?: ", "", line).split(": ")[0] for line in str(caught.value).splitlines()
    ] == mistakes
