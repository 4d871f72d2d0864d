"""The example and the schema of the settings agree with the shapes, and with each other."""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

import pytest

from shared.alerts.channels.email.settings import SmtpServer
from shared.model.alerts import QuietHours, TargetAlerts
from shared.model.app import AppExpectation
from shared.model.audit import AuditSettings
from shared.model.commit_status import CommitStatusSettings
from shared.model.endpoint import BodyExpectation, EndpointExpectation
from shared.model.hours import SleepingHours
from shared.model.release_settings import ReleaseSettings
from shared.model.seed import SeedExpectation
from shared.model.server import ServerExpectation
from shared.model.setting_types import Exactly, toml_key
from shared.model.settings import (
    AcceptedDrift,
    AzureSettings,
    BaselineOfPrivileges,
    DatabaseSettings,
    Elsewhere,
    MemorySettings,
    RemedySettings,
    Settings,
    Target,
)
from shared.settings import load_settings
from shared.settings.file import AlertTable, ChannelTable, SettingsFile
from shared.settings.json_schema import COMMAND, EXAMPLE, SCHEMA, json_schema, with_defaults
from tests.settings.sound import sound

SHAPES = (
    SettingsFile, Target, ReleaseSettings, DatabaseSettings, RemedySettings, SeedExpectation, EndpointExpectation,
    BodyExpectation, AcceptedDrift, BaselineOfPrivileges, Elsewhere, AlertTable, ChannelTable, SmtpServer, QuietHours, TargetAlerts, MemorySettings,
    AzureSettings, ServerExpectation, AppExpectation, SleepingHours, CommitStatusSettings, AuditSettings,
)  # fmt: skip
ENVIRON = {
    "DATABASE_URL": "postgresql://monitor:password@db/app",
    "API_AUTHORIZATION": "Bearer token",
    "VIEWER_KEY": "key-of-the-viewers",
    "LINK_KEY": "key-that-signs-links-and-forms-0",
    "HEARTBEAT_URL": "https://hc.example.com/ping/1",
    "TEAMS_WEBHOOK_URL": "https://prod-00.westeurope.logic.azure.com/workflows/1?sig=1",
    "SMTP_USER": "monitor",
    "SMTP_PASSWORD": "password",
    "PAGING_URL": "https://paging.example.com/hook",
    "PAGING_SECRET": "secret",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "PAGERDUTY_ROUTING_KEY": "0" * 32,
}


def test_the_schema_is_made_from_these_shapes() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == json_schema(), f"stale: run {COMMAND}"


def test_the_schema_describes_every_key() -> None:
    schema = json.loads(json_schema())
    tables = {"SettingsFile": schema, **schema["$defs"]}
    assert tables.keys() == {shape.__name__ for shape in SHAPES}
    for shape in SHAPES:
        table = tables[shape.__name__]
        assert table["properties"].keys() == {toml_key(field.name) for field in fields(shape)}
        assert [key for key, value in table["properties"].items() if "description" not in value] == []
        required = [toml_key(f.name) for f in fields(shape) if f.default is MISSING and f.default_factory is MISSING]
        assert table.get("required", []) == required


def test_the_schema_has_the_types_of_toml() -> None:
    schema = json.loads(json_schema())
    assert schema["$defs"]["Target"]["properties"]["deadline"] == {
        "default": "90s",
        "minLength": 1,
        "pattern": "^[0-9]{1,9}(ms|[smhd])$",
        "type": "string",
        "description": "What has not answered when a run has taken this long is unknown",
    }
    assert '"null"' not in json_schema()


def test_the_example_can_be_used_as_it_is() -> None:
    settings = sound(load_settings(EXAMPLE, ENVIRON))
    assert [target.name for target in settings.targets] == ["production", "staging"]
    assert EXAMPLE.read_text(encoding="utf-8").startswith("#:schema ./monitor.schema.json\n")


def test_what_the_example_switches_off_are_the_defaults(tmp_path: Any) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    without_default = {field.name for shape in SHAPES for field in fields(shape) if field.default is None}
    shown_only = re.compile(rf"^#({'|'.join(sorted(without_default))}) = .*\n", re.MULTILINE)
    switched_on = with_defaults(shown_only.sub("", text))
    assert switched_on.count("\n") == text.count("\n") - len(shown_only.findall(text))
    assert switched_on != text
    path = EXAMPLE.parent / "monitor.toml"
    written = tmp_path / path.name
    written.write_text(switched_on, encoding="utf-8")
    plain = tmp_path / "plain.toml"
    plain.write_text(text, encoding="utf-8")
    assert load_settings(written, ENVIRON) == load_settings(plain, ENVIRON)


def marks(hint: Any) -> Iterator[Any]:
    yield hint
    for part in getattr(hint, "__args__", ()):
        yield from marks(part)


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_and_yes_or_no_are_never_taken_from_text(shape: type) -> None:
    assert is_dataclass(shape)
    for name, hint in get_type_hints(shape, include_extras=True).items():
        if {int, bool} & set(marks(hint)):
            assert any(Exactly in getattr(mark, "__metadata__", ()) for mark in marks(hint)), name


def test_settings_are_what_the_file_holds_and_what_is_broken() -> None:
    of_file = [field.name for field in fields(SettingsFile)]
    # The identity for Azure goes to all that ask it.
    assert [field.name for field in fields(Settings)] == [*(name for name in of_file if name != "azure"), "broken"]
