"""A whole run names who changed the schema, in every form: a real server's log, by way of Log Analytics."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.alerts.channels.email.mail import as_mail
from shared.alerts.channels.teams.card import as_card
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.notifier import notify
from shared.alerts.schema_changes import seen_before
from shared.demo.incident import HISTORY_TABLE
from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.memory import MemoryFile
from shared.model.alerts import AlertSettings, Channel
from shared.model.audit import AuditSettings
from shared.model.message import Message
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.server import ServerExpectation
from shared.model.setting_types import Secret
from shared.model.settings import AcceptedDrift, DatabaseSettings, Target
from shared.report.forms import render
from shared.report.html.page import Remembered, target_page
from shared.report.json import as_document
from shared.run import run
from tests.alerts.decide.story import TEAM
from tests.cloud.arm import LOGS, SERVER, FakeArm, logs
from tests.cloud.cloud import Cloud
from tests.patience import until
from tests.throwaway import in_memory

_INIT = "CREATE TABLE folders (id int PRIMARY KEY, title varchar(40));"
_MESSAGES = "log_min_messages"
_SETTINGS = {
    # As Azure's page on Entra has it.
    "log_line_prefix": "%t-%c-user=%u,db=%d,session=%c,sess_time=%s",
    "log_statement": "ddl",
}


@pytest.fixture
def logging_server() -> Iterator[PrivatePostgres]:
    """A server whose log says what Azure's does; alice may change everything, bob nothing."""
    with private_postgres(within=in_memory()) as server:
        _run(server, "CREATE ROLE alice LOGIN SUPERUSER PASSWORD 'a'; CREATE ROLE bob LOGIN PASSWORD 'b'")
        # Above what the server was started with.
        _run(server, f"ALTER DATABASE postgres SET {_MESSAGES} = 'warning'")
        for name, value in _SETTINGS.items():
            _run(server, f"ALTER SYSTEM SET {name} = '{value}'")
        _run(server, "SELECT pg_reload_conf()")
        until(lambda: _setting(server, "log_line_prefix") == _SETTINGS["log_line_prefix"])
        yield server


def _run(server: PrivatePostgres, sql: str, user: str = "postgres", password: str | None = None) -> None:
    with closing(psycopg.connect(server.url(user=user, password=password), autocommit=True)) as connection:
        connection.execute(sql.encode())


def _setting(server: PrivatePostgres, name: str) -> object:
    with closing(psycopg.connect(server.url())) as connection:
        return (connection.execute("SELECT current_setting(%s)", [name]).fetchone() or ("",))[0]


def _log_analytics(file: Path) -> Callable[[str], dict[str, object]]:
    """Answer from the log in *file*, by the query's own conditions, which are Python's but for two words."""

    def answer(query: str) -> dict[str, object]:
        begin, end = re.findall(r"datetime\((.*?)\)", query)
        conditions = query.rpartition("| where ")[2].partition("\n| ")[0]
        conditions = re.sub(r"Message has (\"[^\"]*\")", r"(\1 in text)", conditions)
        conditions = re.sub(r"Message matches regex @(\"[^\"]*\")", r"bool(re.search(r\1, text))", conditions)
        rows = []
        for text in re.split(r"\n(?!\t)", file.read_text(encoding="utf-8").rstrip("\n")):
            found = re.match(r"(\S+ \S+) UTC-", text)
            at = None if found is None else datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
            within = at is not None and datetime.fromisoformat(begin) <= at <= datetime.fromisoformat(end)
            if at is not None and within and eval(f"({conditions})", {"text": text, "re": re}):
                rows.append((at.isoformat(), text.replace("\n\t", "\n")))
        return logs(*rows)

    return answer


def _check(target: Target, memory: MemoryFile) -> tuple[Report, list[Message]]:
    """Check as the timer does, and give the report with the messages that are sent."""
    sent: list[Message] = []
    known = memory.load()
    report = run(
        target,
        Trigger.SCHEDULE,
        last_seen=known.last_seen,
        read_seen_before=lambda: seen_before(known, memory.text),
    )

    def keep(message: Message, channels: Sequence[Channel], _report: object) -> list[Delivery]:
        sent.append(message)
        return [Delivery(channel.name, taken=True, said="kept") for channel in channels]

    notify(report, target, AlertSettings(channels=(TEAM,)), memory, send=keep)
    return report, sent


def _next_second() -> None:
    """Lines of the log have whole seconds: what follows is surely after what was before."""
    time.sleep(1 - time.time() % 1)


def test_by_which_role_in_every_form(
    cloud: Cloud, arm: FakeArm, logging_server: PrivatePostgres, tmp_path: Path
) -> None:
    script = tmp_path / "migrations" / "20250901_init" / "migration.sql"
    script.parent.mkdir(parents=True)
    script.write_text(_INIT)
    _run(logging_server, f"{HISTORY_TABLE}; {_INIT}", "alice", "a")
    checksum = sha256(_INIT.encode()).hexdigest()
    _run(logging_server, f"INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES ('1', '{checksum}', now(), '20250901_init', now(), 1)")  # fmt: skip
    arm.things[LOGS] = _log_analytics(Path(str(_setting(logging_server, "data_directory"))).parent / "log")
    target = Target(
        "production",
        (ReleaseSettings("folder", str(script.parents[2])),),
        DatabaseSettings(Secret("env:DATABASE_URL", logging_server.url())),
        identity=cloud.identity,
        privileges=False,
        server=ServerExpectation(SERVER),
        audit=AuditSettings(),
        accepted=(AcceptedDrift(f"schema-unexpected:setting database {_MESSAGES}", "this server's", date(2099, 1, 1)),),
    )
    memory = MemoryFile(tmp_path / "memory", "production")
    first, _ = _check(target, memory)
    assert [each.key for each in first.findings] == []
    _next_second()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _run(logging_server, "ALTER TABLE folders ALTER title TYPE text", "bob", "b")
    _run(logging_server, "ALTER TABLE folders ALTER title TYPE text -- hunter2", "alice", "a")
    _next_second()
    report, messages = _check(target, memory)
    (found,) = report.findings
    changed = found.evidence["changed"]
    assert isinstance(changed, dict)
    by = changed["by"]
    assert isinstance(by, dict)
    assert (found.key, by["role"], by["how"]) == ("schema-changed:column public.folders.title", "alice", "log")
    assert by["statement"] == "ALTER TABLE folders ALTER title TYPE text"
    assert changed["after"] == {"check": first.started_at.isoformat()}
    (message,) = messages
    mail = as_mail(message, "monitor@example.com", ["oncall@example.com"])
    page = target_page(Remembered("production", as_document(report), memory.load()), datetime.now(UTC))
    forms = {
        "text": render([report], "text"),
        "markdown": render([report], "markdown"),
        "JSON": json.dumps(as_document(report)),
        "card": json.dumps(as_card(message)),
        "mail": mail.as_string(),
        "page": page,
    }
    for name, form in forms.items():
        said = re.sub(r"(?:=\n|\s)+", " ", form)
        assert "hunter2" not in form, name
        assert "bob" not in form, name
        if name == "JSON":
            assert '"role": "alice", "how": "log"' in said
        else:
            assert "Changed between the checks of" in said, name
            assert "By alice (server log," in said, name
