"""The company of the incident, with all that it has in the cloud: every part real, or replaced by one with the same interface.

The real runtime runs the function app; the real SDKs and drivers call what they would call in
production, by its public name. A test takes a service away and reads the messages that people receive.
"""

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from azure.core.exceptions import ResourceExistsError
from azure.identity import ManagedIdentityCredential
from azure.storage.queue import QueueClient

from shared.demo import api
from shared.demo.fixing import fix
from shared.demo.incident import DATABASE, MIGRATIONS, break_it, build
from shared.memory import memory_of
from shared.model.memory import Memory
from shared.model.report import Trigger, Verdict
from shared.run import run
from shared.settings import environment, load_settings
from tests.alerts.channels.inbox import PASSWORD, Inbox, let_in, smtp_server
from tests.cloud.arm import APP, HOST, SERVER, FakeArm, revision
from tests.cloud.authority import authority
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.cloud.github import FakeGitHub, tarball
from tests.cloud.postgres import NAME, TlsServer, tls_postgres
from tests.cloud.registry import FakeRegistry, tar
from tests.cloud.vault import FakeVault
from tests.entrypoints.functions_runtime import FunctionFailedError, FunctionsRuntime
from tests.gather.servers import Reply, Request
from tests.settings.sound import sound

TEAMS = "prod-00.westeurope.logic.azure.com"
API = "api.example.com"
ROLE = "monitor"
RELEASE = "v1.42.0"
DATABASE_TOKENS = "https://ossrdbms-aad.database.windows.net"
# In no text that anybody is shown.
SECRETS = {
    "teams-url": f"https://{TEAMS}/workflows/1/triggers/manual/paths/invoke?sp=run&sig=hunter2-of-teams",
    "mail-password": PASSWORD,
    "github-token": "github_pat_hunter2",
}
# Where its releases come from.
FROM_GITHUB = """
[target.release]
source = "github"
repository = "useng/usasset3"
asset = "migrations*.tar.gz"
token = "vault:github-token"
"""
FROM_WHAT_RUNS = """
[target.release]
source = "image"
"""
_QUEUE = "migration-checks"
# A failed migration, what waited behind it, the seeds, and a check that finds nothing.
_MOST_ROUNDS = 5
_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT ON _prisma_migrations, users, pipeline_rules TO {ROLE};
GRANT pg_read_all_stats TO {ROLE};
"""


@dataclass
class Company:
    """*vault* is of the settings in force; *received* is what each channel took since it was last asked."""

    cloud: Cloud
    azurite: Azurite
    server: TlsServer
    runtime: FunctionsRuntime
    inbox: Inbox
    mail_port: int
    settings: Path
    container: str
    release: str
    vault: FakeVault = field(init=False)
    arm: FakeArm = field(init=False)
    github: FakeGitHub = field(init=False)
    registry: FakeRegistry = field(init=False)
    _layer: bytes = b""
    _posts: list[bytes] = field(default_factory=list)
    _mails_read: int = 0
    _vaults: int = 0

    def __post_init__(self) -> None:
        self.arm = FakeArm(self.cloud.tokens)
        self.cloud.host(HOST, self.arm.reply)
        self.github = FakeGitHub(self.cloud, "useng/usasset3", private=True)
        files = {
            str(path.relative_to(MIGRATIONS)): path.read_bytes() for path in MIGRATIONS.rglob("*") if path.is_file()
        }
        release = tarball(files, "apps/backend/prisma/migrations/")
        self.github.release(RELEASE, files, assets={"migrations.tar.gz": release})
        self.registry = FakeRegistry(self.cloud)
        self._layer = tar([(f"app/prisma/migrations/{path}", content) for path, content in files.items()])
        self.deploy(RELEASE)
        self.cloud.host(API, self._api)
        self.cloud.host(TEAMS, self._teams)
        token = self.cloud.tokens.token_for(DATABASE_TOKENS, self.cloud.identity.client_id)
        self.server.run(f"ALTER ROLE {ROLE} PASSWORD '{token}'")
        self.sql(_GRANTS)
        self.move_to_a_new_vault()

    def deploy(self, release: str) -> None:
        """Push the image of *release*, and have it run."""
        digest = self.registry.push(release, [self._layer], {"org.opencontainers.image.version": release})
        image = f"{self.registry.host}/api:{release}@{digest}"
        self.arm.things[f"{APP}/revisions"] = [revision(image=image)]

    def move_to_a_new_vault(self) -> None:
        """Have all secrets in a vault that nobody has asked before: nothing of it is cached anywhere."""
        self._vaults += 1
        self.vault = self.cloud.vault(f"usasset-kv-{self._vaults}")
        for name, value in SECRETS.items():
            self.vault.put(name, value)
        self.settings.write_text(self._toml())

    @property
    def vault_host(self) -> str:
        return urlsplit(self.vault.url).netloc

    def sql(self, script: str) -> None:
        """Do something in production as its owner."""
        with closing(psycopg.connect(self.server.postgres.url(DATABASE), autocommit=True)) as owner:
            owner.execute(script.encode())

    def fix(self) -> None:
        """Do as the monitor advises until nothing is left, without any message."""
        url, programs = self.server.postgres.url(DATABASE), self.server.postgres.programs
        [target] = sound(load_settings(self.settings, environment())).targets
        for _ in range(_MOST_ROUNDS):
            report = run(target, Trigger.TERMINAL)
            if report.verdict is Verdict.PASSED:
                return
            list(fix(report, url, programs))
        raise AssertionError(f"not fixed: {[finding.key for finding in report.findings]}, {report.checks}")

    def memory(self) -> Memory:
        """Give what is remembered of production, as the storage account has it."""
        return memory_of("production", load_settings(self.settings, environment()).memory).load()

    def look(self) -> None:
        """One tick of the timer: what is due goes through the queue, and every message of it is worked off.

        A message whose check fails goes back, as the host does it; the third time it is given up.
        """
        due = self.runtime.tick("schedule", past_due=True)["due"]
        credential = ManagedIdentityCredential(client_id=self.cloud.identity.client_id)
        with credential, QueueClient(self.azurite.url("queue"), _QUEUE, credential=credential) as queue:
            # As the host does for a binding whose queue does not exist.
            with suppress(ResourceExistsError):
                queue.create_queue()
            for message in due:
                queue.send_message(message)
            for message in queue.receive_messages():
                queue.delete_message(message)
                self.runtime.deliver("check_target", message.content)

    def look_in_vain(self) -> str:
        """A tick whose check ends loudly; give what the host logs of it."""
        try:
            self.look()
        except FunctionFailedError as failure:
            return str(failure)
        raise AssertionError("the check ended as if nothing were wrong")

    def received(self) -> str:
        """Give the messages since the last call: Teams by its first line, the mail whole; without times and places."""
        mails = self.inbox.mails[self._mails_read :]
        self._mails_read = len(self.inbox.mails)
        posts, self._posts = self._posts, []
        for each in (*posts, *(mail.as_bytes() for _, mail in mails)):
            assert b"hunter2" not in each
            assert b"eyJ" not in each, "a token"
        lines = [f"Teams   {json.loads(post)['summary']}" for post in posts]
        lines += [f"Mail    {mail['Subject']}\n\n{_body(mail)}" for _, mail in mails]
        return self._timeless("\n".join(lines))

    def _timeless(self, text: str) -> str:
        for pattern, word in (
            (re.escape(str(self.cloud.identity.client_id)), "CLIENT-ID"),
            (rf"{re.escape(NAME)}:\d+", f"{NAME}:5432"),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
            (r"usasset-kv-\d+", "usasset-kv"),
            (r"memory-\w{12}", "memory"),
            (r"sha256:[0-9a-f]{64}", "sha256:…"),  # each Python packs a layer in its own way
            (r"(?!2025)\d{4}-\d\d-\d\d", "YYYY-MM-DD"),
            (r"(?<!05 at )\d\d:\d\d(?=\s+UTC)", "HH:MM"),
            (r"(?<=NEXT CHECK  )YYYY-MM-DD ", ""),  # within the last hour of a day it is tomorrow
            (r"less than a minute|\d+ (s|min)\b", "a while"),
        ):
            text = re.sub(pattern, word, text)
        return _whole(text)

    def _api(self, request: Request) -> Reply:
        status, body = api.answer(request.path, self.server.postgres.url(DATABASE))
        return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _teams(self, request: Request) -> Reply:
        assert request.path.endswith("sig=hunter2-of-teams")
        self._posts.append(request.body)
        return Reply(202, b"")

    def _toml(self) -> str:
        return f"""
[azure]
vault = "{self.vault.url}"
identity = "managed:{self.cloud.identity.client_id}"
[memory]
container = "{self.azurite.url("blob")}/{self.container}"
[alerts]
status_page = "https://migration-monitor.azurewebsites.net/api/status"
runbook = "https://wiki.example.com/migrations"
blind_patience = "0s"
weekly = false
[[alerts.channel]]
name = "team"
kind = "teams"
url = "vault:teams-url"
tries = 1
[[alerts.channel]]
name = "oncall"
kind = "email"
from = "monitor@example.com"
to = ["oncall@example.com"]
tries = 1
[alerts.channel.smtp]
host = "127.0.0.1"
port = {self.mail_port}
security = "tls"
user = "monitor"
password = "vault:mail-password"
ssl_root_cert = "{self.cloud.root}"

[[target]]
name = "production"
{self.release}
[target.database]
host = "{NAME}"
port = {self.server.postgres.port}
name = "{DATABASE}"
user = "{ROLE}"
identity = "managed"
ssl_root_cert = "{self.server.authority}"
[target.server]
resource_id = "{SERVER}"
[target.app]
resource_id = "{APP}"
[target.remedy]
folder = "apps/backend"
[[target.seed]]
table = "users"
exact = 6
[[target.seed]]
table = "pipeline_rules"
min = 4
[[target.endpoint]]
name = "folders"
url = "https://{API}/api/folders"
tables = ["folders"]
min_items = 1
tries = 1
"""


def _whole(text: str) -> str:
    """Undo the breaks within sentences: where they are hangs on how long the times in them were."""
    lines: list[str] = []
    for line in text.split("\n"):
        goes_on = re.match(r" {12}\S", line) and lines and re.fullmatch(r"[A-Z ]{12}\S.*[^.:…]", lines[-1])
        if goes_on:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


@contextmanager
def company(
    cloud: Cloud,
    azurite: Azurite,
    runtime: FunctionsRuntime,
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    fixed: bool = False,
    release: str = FROM_GITHUB,
) -> Iterator[Company]:
    """Found it, on the morning of the incident, or on a day on which all is well."""
    inbox, settings = Inbox(), folder / "monitor.toml"
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(shown)
    patch.setenv("MONITOR_CONFIG", str(settings))
    patch.setenv("PGHOSTADDR", "127.0.0.1")
    with (
        tls_postgres(folder) as server,
        smtp_server(inbox, ssl_context=shown, authenticator=let_in, auth_require_tls=False) as mail_port,
    ):
        build(server.postgres)
        break_it(server.postgres)
        container = f"memory-{uuid4().hex[:12]}"
        founded = Company(cloud, azurite, server, runtime, inbox, mail_port, settings, container, release)
        if fixed:
            founded.fix()
        yield founded
