"""``[alerts]``: what is right is read, each mistake is reported with its place, and no secret with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.alerts.channels import KINDS
from shared.alerts.channels.email.settings import EmailChannel, SmtpServer
from shared.alerts.channels.teams.settings import TeamsChannel
from shared.model.alerts import AlertSettings, QuietHours, TargetAlerts
from shared.model.setting_types import Secret
from shared.model.settings import Settings
from shared.settings import SettingsError, load_settings
from tests.settings.sound import sound

HIDDEN = "hunter2-of-the-environment"
ENVIRON = {
    "DATABASE_URL": f"postgresql://monitor:{HIDDEN}@db/app",
    "TEAMS": f"https://prod-00.westeurope.logic.azure.com/workflows/1?sig={HIDDEN}",
    "PLAIN": f"http://example.com/{HIDDEN}",
    "LOCAL": f"http://127.0.0.1:8000/{HIDDEN}",
    "NONSENSE": f"ftp://{HIDDEN} [",
    "WORD": HIDDEN,
}
TARGET = """
[[target]]
name = "production"
release = { source = "folder", path = "app" }
database = { url = "env:DATABASE_URL" }
"""


def load(folder: Path, text: str) -> Settings:
    path = folder / "monitor.toml"
    path.write_text(text, encoding="utf-8")
    return sound(load_settings(path, ENVIRON))


def teams(more: str = "") -> str:
    return f'[[alerts.channel]]\nname = "team"\nkind = "teams"\nurl = "env:TEAMS"\n{more}\n'


def mail(more: str = 'smtp = { host = "mail.example.com" }', *, to: str = '["team@example.com"]') -> str:
    return f'[[alerts.channel]]\nname = "post"\nkind = "email"\nfrom = "monitor@example.com"\nto = {to}\n{more}\n'


def test_reads_everything(tmp_path: Path) -> None:
    text = """
[alerts]
status_page = "https://monitor.example.com/status"
heartbeat = "env:LOCAL"
error_lines = true
reminder_hours = 12
[alerts.quiet]
from = "22:00"
to = "07:00"
timezone = "Europe/Zurich"
[[alerts.channel]]
name = "post"
kind = "email"
severities = ["critical"]
from = "monitor@example.com"
to = ["a@example.com", "b@example.com"]
[alerts.channel.smtp]
host = "env:WORD"
user = "monitor"
password = "env:WORD"
ssl_root_cert = "mail.pem"
"""
    settings = load(tmp_path, text + teams() + TARGET + '[target.alerts]\nchannels = ["post"]\n')
    hidden = Secret("env:WORD", HIDDEN)
    assert settings.alerts == AlertSettings(
        channels=(
            EmailChannel(
                "post",
                ("critical",),
                sender="monitor@example.com",
                recipients=("a@example.com", "b@example.com"),
                smtp=SmtpServer(hidden, user="monitor", password=hidden, ssl_root_cert=str(tmp_path / "mail.pem")),
            ),
            TeamsChannel("team", url=Secret("env:TEAMS", ENVIRON["TEAMS"])),
        ),
        status_page="https://monitor.example.com/status",
        heartbeat=Secret("env:LOCAL", ENVIRON["LOCAL"]),
        error_lines=True,
        reminder_hours=12,
        quiet=QuietHours("22:00", "07:00", "Europe/Zurich"),
    )
    assert settings.targets[0].alerts == TargetAlerts(only_channels=("post",))
    assert HIDDEN not in repr(settings)


def test_without_alerts_nobody_is_notified(tmp_path: Path) -> None:
    assert load(tmp_path, TARGET).alerts == AlertSettings()


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param(teams(), None, id="teams"),
        pytest.param(mail(), None, id="mail"),
        pytest.param(mail('endpoint = "https://x.communication.azure.com"\nidentity = "managed:1"'), None, id="mail by azure"),
        pytest.param(teams().replace("TEAMS", "LOCAL"), None, id="this machine needs no encryption"),
        pytest.param("[alerts]\nreminders = 1", ["alerts.reminders: unknown key; did you mean `reminder_hours`?"], id="typing error"),
        pytest.param("alerts = 1", ["alerts: expected a table, e.g. [alerts]"], id="no table"),
        pytest.param("[alerts]\nreminder_hours = 0", ["alerts.reminder_hours: must be 1 to 168"], id="never quiet"),
        pytest.param("[alerts]\nblind_reminder_hours = 200", ["alerts.blind_reminder_hours: must be 1 to 168"], id="rarely"),
        pytest.param('[alerts]\nblind_patience = "2h"', ["alerts.blind_patience: must be 1h at most"], id="too patient"),
        pytest.param('[alerts]\nflapping_quiet = "1m"', ["alerts.flapping_quiet: must be 10m to 24h"], id="flapping"),
        pytest.param('[alerts]\nstatus_page = "https://u:p@x"', ["alerts.status_page: must be like https://example.com/a"], id="a page with a password"),
        pytest.param('[alerts]\nrunbook = "wiki"', ["alerts.runbook: must be like https://example.com/wiki/runbook"], id="no page"),
        pytest.param('[alerts]\nheartbeat = "https://hc.example.com/1"', ['alerts.heartbeat: name the secret, do not write it here: "env:NAME" or "vault:NAME"'], id="heartbeat written out"),
        pytest.param('[alerts]\nheartbeat = "env:PLAIN"', ["alerts.heartbeat: must be https://, or http:// to this machine"], id="heartbeat in the clear"),
        pytest.param(teams() + teams(), ["alerts.channel: two have the same `name`"], id="two of one name"),
        pytest.param(teams().replace('"teams"', '"pigeon"'), [f"alerts.channel.team.kind: must be one of {', '.join(KINDS)}"], id="no such kind"),
        pytest.param(teams().replace('"env:TEAMS"', '"https://x"'), ['alerts.channel.team.url: name the secret, do not write it here: "env:NAME" or "vault:NAME"'], id="url written out"),
        pytest.param(teams().replace("TEAMS", "PLAIN"), ["alerts.channel.team.url: must be https://, or http:// to this machine"], id="url in the clear"),
        pytest.param(teams().replace("TEAMS", "NONSENSE"), ["alerts.channel.team.url: must be https://, or http:// to this machine"], id="no url"),
        pytest.param(teams().replace('url = "env:TEAMS"', ""), ["alerts.channel.team.url: is missing: a teams channel needs it"], id="no url at all"),
        pytest.param(teams("severities = []"), ["alerts.channel.team.severities: must name at least one: a channel without severities sends nothing"], id="no severity"),
        pytest.param(teams('severities = ["fatal"]'), ["alerts.channel.team.severities[1]: must be one of critical, warning, info"], id="no such severity"),
        pytest.param(teams('secret = "env:WORD"'), ["alerts.channel.team.secret: belongs to webhook channels"], id="teams checks no signature"),
        pytest.param(teams().replace('"teams"', '"webhook"') + 'secret = "env:WORD"', None, id="webhook"),
        pytest.param(teams('to = ["a@example.com"]'), ["alerts.channel.team.to: belongs to email channels"], id="teams has no address"),
        pytest.param(teams('tries = 0\ntimeout = "0s"'), ["alerts.channel.team.tries: must be 1 to 10", "alerts.channel.team.timeout: must be more than 0s, 1m at most"], id="several at once"),
        pytest.param(mail(""), ["alerts.channel.post: set either `smtp` or `endpoint`: one of them sends the mail"], id="no way to send"),
        pytest.param(mail('endpoint = "https://example.com"'), ["alerts.channel.post.endpoint: must be like https://example.communication.azure.com"], id="elsewhere"),
        pytest.param(mail(to="[]"), ['alerts.channel.post.to: must be addresses, such as ["team@example.com"]'], id="to nobody"),
        pytest.param(mail(to='["team"]'), ['alerts.channel.post.to: must be addresses, such as ["team@example.com"]'], id="no address"),
        pytest.param(mail(to='["a@b\\nBcc: c@d"]'), ['alerts.channel.post.to: must be addresses, such as ["team@example.com"]'], id="a header in an address"),
        pytest.param(mail('url = "env:TEAMS"\nsmtp = { host = "h" }'), ["alerts.channel.post.url: belongs to teams, webhook or slack channels"], id="mail has no url"),
        pytest.param(mail('smtp = { host = "h", user = "u" }'), ["alerts.channel.post.smtp.user: and `password` go together"], id="half a login"),
        pytest.param(mail('smtp = { host = "h", user = "u", password = "env:WORD", security = "none" }'), ["alerts.channel.post.smtp.security: none would send the password in the clear: starttls or tls"], id="a password in the clear"),
        pytest.param(mail('smtp = { host = "h", port = 0 }'), ["alerts.channel.post.smtp.port: must be 1 to 65535"], id="no port"),
        pytest.param('[alerts.quiet]\nfrom = "25:00"\nto = "7"', ["alerts.quiet.from: must be a time of the day, such as 22:00", "alerts.quiet.to: must be a time of the day, such as 07:00"], id="no times"),
        pytest.param('[alerts.quiet]\nfrom = "22:00"\nto = "22:00"', ["alerts.quiet.to: is the same as `from`: quiet would never end"], id="always quiet"),
        pytest.param('[alerts.quiet]\nfrom = "22:00"', ['alerts.quiet.to: is missing, e.g. to = "07:00"'], id="half a night"),
        pytest.param('[alerts.quiet]\nfrom = "22:00"\nto = "07:00"\ntimezone = "Zurich"', ["alerts.quiet.timezone: must be one of the IANA database, such as Europe/Zurich"], id="no such zone"),
        pytest.param('[alerts.quiet]\nfrom = "22:00"\nto = "07:00"\ntimezone = "../x"', ["alerts.quiet.timezone: must be one of the IANA database, such as Europe/Zurich"], id="a path"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, text: str, mistakes: list[str] | None) -> None:
    if mistakes is None:
        load(tmp_path, text + TARGET)
        return
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text + "\n" + TARGET)
    assert HIDDEN not in str(caught.value) + repr(caught.value)
    assert [f"{mistake.key}: {mistake.problem}" for mistake in caught.value.mistakes] == mistakes


def test_a_target_names_channels_that_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, teams() + TARGET + '[target.alerts]\nchannels = ["team", "temas"]\n')
    [mistake] = caught.value.mistakes
    assert (mistake.key, mistake.problem) == (
        "target.production.alerts.channels[2]",
        "no channel of [alerts] has this name",
    )


NIGHT = QuietHours("22:00", "07:00")
NOON = QuietHours("12:00", "13:00", "Europe/Zurich")


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        (NIGHT, "2026-11-22T21:59:00", False),
        (NIGHT, "2026-11-22T22:00:00", True),
        (NIGHT, "2026-11-22T00:00:00", True),
        (NIGHT, "2026-11-22T06:59:00", True),
        (NIGHT, "2026-11-22T07:00:00", False),
        pytest.param(NOON, "2026-11-22T11:30:00", True, id="winter in Zurich is an hour ahead"),
        pytest.param(NOON, "2026-07-22T11:30:00", False, id="summer is two"),
        pytest.param(NOON, "2026-07-22T10:30:00", True, id="summer"),
    ],
)
def test_quiet_hours(hours: QuietHours, at: str, quiet: bool) -> None:
    assert hours.cover(datetime.fromisoformat(at).replace(tzinfo=UTC)) is quiet


def test_ports_are_those_of_the_security() -> None:
    ports = {s: SmtpServer("h", security=s).port_in_use for s in ("starttls", "tls", "none")}
    assert ports == {"starttls": 587, "tls": 465, "none": 25}
    assert SmtpServer("h", port=2525).port_in_use == 2525
    assert TeamsChannel("a", url=Secret("env:U", "https://x")).timeout == timedelta(seconds=10)
