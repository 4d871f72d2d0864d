"""What the settings say of Azure: the identity, where secrets are, and which source a release comes from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.model.audit import AuditSettings
from shared.model.azure import CONTAINER_APP, FLEXIBLE_SERVER, Identity, Vault
from shared.model.release_settings import ReleaseSettings
from shared.model.secrets import secrets_in
from shared.model.setting_types import Secret
from shared.model.settings import Settings
from shared.settings import SettingsError, load_settings
from tests.settings.sound import sound

APP = f"/subscriptions/1/resourceGroups/r/providers/{CONTAINER_APP}/api"
SERVER = f"/subscriptions/1/resourceGroups/r/providers/{FLEXIBLE_SERVER}/db"
VAULT = "https://main.vault.azure.net"
TEAMS = '[[alerts.channel]]\nname = "team"\nkind = "teams"\nurl = "vault:teams-url"\n'
AZ, APPS_OWN, USERS = Identity(managed=False), Identity("of-the-environment"), Identity("1-2-3")
IN_AZURE = {"IDENTITY_ENDPOINT": "http://127.0.0.1/token", "AZURE_CLIENT_ID": "of-the-environment"}

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def from_text(text: str, **environ: str) -> Settings:
        path = tmp_path / "monitor.toml"
        path.write_text(text)
        return sound(
            load_settings(path, {"DATABASE_URL": "postgresql://u:p@h/d", "TOKEN": "t", "TWO_LINES": "t\n", **environ})
        )

    return from_text


def target(more: str = "", name: str = "production", database: str = 'url = "env:DATABASE_URL"') -> str:
    release = "" if "release" in more else 'release = { source = "folder", path = "app" }\n'
    return f'[[target]]\nname = "{name}"\ndatabase = {{ {database} }}\n{release}{more}\n'


def mistakes_in(load: Load, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(text)
    return [f"{mistake.key.removeprefix('target.production.')}: {mistake.problem}" for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "vaults"),
    [
        pytest.param(f'azure.vault = "{VAULT}"\n' + TEAMS + target(database='url = "vault:db"'), [VAULT, VAULT], id="one for all"),
        pytest.param(f'azure.vault = "{VAULT}/"\n' + TEAMS + target(), [VAULT], id="a slash at its end"),
        pytest.param(
            f'azure.vault = "{VAULT}"\n' + TEAMS + target('vault = "https://own.vault.azure.net"', database='url = "vault:db"'),
            ["https://own.vault.azure.net", VAULT],
            id="a target's own",
        ),
        pytest.param(TEAMS + target(f'vault = "{VAULT}"'), [VAULT], id="the only one there is"),
        pytest.param(
            TEAMS + target(f'vault = "{VAULT}"') + target(f'vault = "{VAULT}"', "staging") + target("", "plain"), [VAULT],
            id="the only one of several targets",
        ),
    ],
)  # fmt: skip
def test_each_secret_knows_its_vault(load: Load, text: str, vaults: list[str]) -> None:
    settings = load(text)
    found = [secret for shape in (settings.targets, settings.alerts) for secret in secrets_in(shape) if secret.vault]
    assert [secret.vault.url for secret in found if secret.vault] == vaults
    assert not any(secret.is_at_hand for secret in found)
    with pytest.raises(LookupError, match="has not been fetched"):
        found[0].value  # noqa: B018  # to ask for it is what is tried


def test_a_broken_target_takes_nobody_the_vault_of_the_alerts(tmp_path: Path) -> None:
    """Else nobody could be notified that it is broken."""
    path = tmp_path / "monitor.toml"
    path.write_text(TEAMS + target(f'vault = "{VAULT}"\ninterval = "1s"') + target("", "staging"))
    settings = load_settings(path, {"DATABASE_URL": "postgresql://u:p@h/d"})
    assert [each.name for each in settings.broken] == ["production"]
    assert [secret.vault for secret in secrets_in(settings.alerts)] == [Vault(VAULT, AZ)]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param(target(database='url = "vault:db"'), ["database.url: is in a vault, and none is named: set `vault` in [azure]"], id="no vault"),
        pytest.param(
            TEAMS + target(f'vault = "{VAULT}"') + target('vault = "https://b.vault.azure.net"', "b"),
            ["alerts.channel.team.url: is in a vault, and none is named: set `vault` in [azure]"],
            id="two vaults, and which of them?",
        ),
        pytest.param(f'azure.vault = "{VAULT}"\n' + target('patience = "vault:x"'), ["patience: write a number and a unit: 500ms, 90s, 15m, 1h or 2d"], id="no place for a secret"),
        pytest.param(f'azure.vault = "{VAULT}"\n' + target('remedy.folder = "vault:x"'), ["remedy.folder: only a secret can be in a vault"], id="text in a vault"),
        pytest.param(target('vault = "http://x.vault.azure.net"'), ["vault: must be like https://example.vault.azure.net"], id="a vault without TLS"),
        pytest.param(target(f'vault = "{VAULT}/secrets/x"'), ["vault: must be like https://example.vault.azure.net"], id="a secret's URL"),
        pytest.param(target('identity = "me"'), ["identity: write managed, managed:CLIENT_ID, or az for the login of Azure's CLI"], id="which identity?"),
        pytest.param(target(database='host = "h"'), ["database: without a `url`, all of `host`, `name`, `user` and `identity` are needed"], id="a host alone"),
        pytest.param(target(database='url = "env:DATABASE_URL", host = "h"'), ["database.url: excludes `host`, `name`, `user` and `identity`"], id="two ways in"),
        pytest.param(
            target(database="port = 5432"),
            ['database.url: is missing, e.g. url = "env:NAME"; or name `host`, `name`, `user` and `identity`'],
            id="no way in",
        ),
        pytest.param(
            target(database='host = "https://h", name = "d", user = "u", identity = "managed"'),
            ["database.host: must be a server's name, without scheme and port"],
            id="a URL as a host",
        ),
        pytest.param(target('server.resource_id = "x"'), [f"server.resource_id: must be like /subscriptions/…/{FLEXIBLE_SERVER}/…"], id="no server's id"),
        pytest.param(target(f'app.resource_id = "{SERVER}"'), [f"app.resource_id: must be like /subscriptions/…/{CONTAINER_APP}/…"], id="a server for an app"),
        pytest.param(target(f'server = {{ resource_id = "{SERVER}", api_version = "new" }}'), ["server.api_version: must be like 2022-12-01"], id="no API's version"),
        pytest.param(
            target(f'server = {{ resource_id = "{SERVER}", backup_days = 36, widest_rule = 0, temporary_grace = "366d" }}'),
            ["server.backup_days: must be 1 to 35", "server.temporary_grace: must be 365d at most", "server.widest_rule: must be 1 or more addresses"],
            id="out of bounds",
        ),
        pytest.param(target(f'server = {{ resource_id = "{SERVER}", high_availability = "Zone" }}'), ["server.high_availability: must be one of Disabled, SameZone, ZoneRedundant"], id="no kind of availability"),
        pytest.param(target(f'server = {{ resource_id = "{SERVER}", parameters = {{ work_mem = 4 }} }}'), ['server.parameters.work_mem: expected text, e.g. work_mem = "…"'], id="a parameter that is no text"),
        pytest.param(target(f'release = {{ source = "folder", path = "x" }}\napp = {{ resource_id = "{APP}", release_of_image = "prod" }}'), ["app.release_of_image: must have {release} in it, once"], id="a tag without its release"),
        pytest.param(target('sleep = { from = "20:00", to = "20:00" }'), ["sleep: leaves no hour of the week for checks"], id="always asleep"),
        pytest.param(
            target('sleep = [{ from = "00:00", to = "12:00" }, { from = "11:00", to = "00:00" }]'),
            ["sleep: leaves no hour of the week for checks"],
            id="always asleep, by two halves",
        ),
        pytest.param(target('sleep = { from = "8pm", to = "24:00", timezone = "Mars", days = [] }'), [
            "sleep.days: must name at least one: mon, tue, wed, thu, fri, sat, sun",
            "sleep.from: must be a time of the day, such as 22:00",
            "sleep.timezone: must be one of the IANA database, such as Europe/Zurich",
            "sleep.to: must be a time of the day, such as 07:00",
        ], id="hours that are none"),
        pytest.param(target("paused_until = 2026-12-06T04:00:00"), ["paused_until: must have a timezone, as in 2026-12-06T04:00:00Z"], id="when, in which timezone?"),
        pytest.param(target('paused_until = "later"'), ["paused_until: expected a moment, e.g. paused_until = 2026-12-06T04:00:00Z"], id="no moment"),
        pytest.param('memory.container = "https://a.blob.core.windows.net"\n' + target(), ["memory.container: must be like https://account.blob.core.windows.net/migration-monitor"], id="no container"),
    ],
)  # fmt: skip
def test_what_is_wrong(load: Load, text: str, mistakes: list[str]) -> None:
    assert mistakes_in(load, text) == mistakes


@pytest.mark.parametrize(
    ("said", "environ", "identity"),
    [
        pytest.param("", {}, AZ, id="at a terminal"),
        pytest.param("", IN_AZURE, APPS_OWN, id="in Azure"),
        pytest.param('azure.identity = "managed"\n', IN_AZURE, APPS_OWN, id="in Azure, said so"),
        pytest.param('azure.identity = "managed:1-2-3"\n', IN_AZURE, USERS, id="a named one"),
        pytest.param('azure.identity = "managed:1-2-3"\n', {}, USERS, id="a named one, wherever"),
        pytest.param('azure.identity = "az"\n', IN_AZURE, AZ, id="az"),
    ],
)
def test_the_identity_that_asks_azure(load: Load, said: str, environ: dict[str, str], identity: Identity) -> None:
    by_identity = 'host = "h", name = "d", user = "u", identity = "managed"'
    container = 'memory.container = "https://a.blob.core.windows.net/memory"\n'
    source = 'release = { source = "blob", container = "https://a.blob.core.windows.net/releases" }'
    settings = load(said + container + target(source, database=by_identity), **environ)
    [found] = settings.targets
    own = (found.identity, found.database.identity, found.releases[0].identity, settings.memory.identity)
    assert own == (identity,) * 4
    assert Identity.parse(str(identity)) == identity


def test_a_targets_own_identity_is_also_that_of_its_sources_and_secrets(load: Load) -> None:
    more = (
        f'identity = "managed:1-2-3"\nvault = "{VAULT}"\nrelease = {{ source = "image", image = "r.azurecr.io/api" }}'
    )
    [found] = load(target(more, database='url = "vault:db"'), **IN_AZURE).targets
    assert (found.identity, found.releases[0].identity) == (USERS, USERS)
    assert found.database.url == Secret("vault:db", None, Vault(VAULT, USERS))


def test_whose_token_an_endpoint_is_asked_with(load: Load) -> None:
    def endpoints(more: str) -> str:
        plain = '[[target.endpoint]]\nname = "open"\nurl = "https://a.example.com"\n'
        guarded = '[[target.endpoint]]\nname = "guarded"\nurl = "https://b.example.com"\naudience = "api://b"\n'
        return target(plain + guarded + more)

    [found] = load(endpoints(""), **IN_AZURE).targets
    assert [endpoint.identity for endpoint in found.endpoints] == [Identity(), APPS_OWN]
    [found] = load(endpoints('identity = "managed:1-2-3"\n'), **IN_AZURE).targets
    assert [endpoint.identity for endpoint in found.endpoints] == [Identity(), USERS]


@pytest.mark.parametrize(
    ("endpoint", "mistake"),
    [
        pytest.param('audience = "api://b/.default"', "audience: must be an application's id or its URI, such as api://example, without /.default", id="a scope"),
        pytest.param('audience = "a b"', "audience: must be an application's id or its URI, such as api://example, without /.default", id="two words"),
        pytest.param('audience = "api://b"\nheaders = { authorization = "env:TOKEN" }', "audience: adds an Authorization header: remove the other one", id="two credentials"),
        pytest.param('identity = "managed:1"', "identity: needs an `audience`, for which its token is issued", id="a token for nobody"),
    ],
)  # fmt: skip
def test_a_token_that_an_endpoint_cannot_have(load: Load, endpoint: str, mistake: str) -> None:
    text = target(f'[[target.endpoint]]\nname = "b"\nurl = "https://b.example.com"\n{endpoint}\n')
    assert mistakes_in(load, text) == [f"endpoint.b.{mistake}"]


def test_a_token_is_not_sent_in_the_clear(load: Load) -> None:
    text = target('[[target.endpoint]]\nname = "b"\nurl = "http://b.example.com"\naudience = "api://b"\n')
    assert mistakes_in(load, text) == [
        "endpoint.b.url: must be https://, or http:// to this machine: the request carries a token"
    ]
    assert load(text.replace("b.example.com", "127.0.0.1")).targets


@pytest.mark.parametrize(
    ("source", "mistakes"),
    [
        pytest.param('source = "github", repository = "useng/usasset3"', [], id="github"),
        pytest.param('source = "github", repository = "useng/usasset3", tag = "v1", token = "env:TOKEN", asset = "*.zip"', [], id="github, all of it"),
        pytest.param('source = "github"', ["repository: must be like owner/name"], id="github, and where?"),
        pytest.param('source = "github", repository = "https://github.com/a/b"', ["repository: must be like owner/name"], id="github by URL"),
        pytest.param('source = "github", repository = "a/b", tag = "v1", ref = "main"', ["tag: and `ref` exclude each other"], id="tag and ref"),
        pytest.param('source = "github", repository = "a/b", ref = "main", asset = "x"', ["asset: belongs to a release: a `ref` has none"], id="an asset of a branch"),
        pytest.param('source = "github", repository = "a/b", api = "http://x"', ["api: must be like https://github.example.com/api/v3"], id="a server without TLS"),
        pytest.param('source = "github", repository = "a/b", path = "x"', ["path: belongs to the source folder or archive"], id="a path of github"),
        pytest.param('source = "github", repository = "a/b", token = "ghp_written_out"', ['token: name the secret, do not write it here: "env:NAME" or "vault:NAME"'], id="a token written out"),
        pytest.param('source = "github", repository = "a/b", token = "env:TWO_LINES"', ["token: must be one line, without spaces"], id="a token with the end of its file"),
        pytest.param('source = "blob", container = "https://a.blob.core.windows.net/releases", prefix = "x/"', [], id="blob"),
        pytest.param('source = "blob"', ["container: must be like https://account.blob.core.windows.net/releases"], id="blob, and where?"),
        pytest.param('source = "blob", container = "https://a.blob.core.windows.net/c?sv=1&sig=x"', ["container: must be like https://account.blob.core.windows.net/releases"], id="a container with its key"),
        pytest.param('source = "image", image = "r.azurecr.io/team/api:v1"', [], id="image"),
        pytest.param(f'source = "image", image = "r.azurecr.io/api@sha256:{"0" * 64}"', [], id="image by digest"),
        pytest.param('source = "image", image = "api"', ["image: must be like registry.azurecr.io/api:latest"], id="image of no registry"),
        pytest.param(f'source = "image", container_app = "{APP}"', [], id="a running image"),
        pytest.param(f'source = "image", container_app = "{APP}", image = "r.azurecr.io/api"', ["image: names an image, `container_app` the one that runs there: give one of them"], id="which image?"),
        pytest.param(f'source = "image", container_app = "{APP}", container_name = "api"', [], id="one of its containers"),
        pytest.param('source = "image", image = "r.azurecr.io/api", container_name = "api"', ["container_name: is one of the app's: it has no meaning for a named `image`"], id="an image has no containers"),
        pytest.param('source = "image", image = "r.azurecr.io/api", database_variable = "DB"', ["database_variable: is the app's: it has no meaning for a named `image`"], id="nor variables"),
        pytest.param('source = "github", repository = "a/b", tag = "@app/api@1.2/x"', [], id="a tag of a package"),
        pytest.param('source = "github", repository = "a/b", tag = "../../user"', ["tag: can be no name in git"], id="a tag that leads elsewhere"),
        pytest.param('source = "github", repository = "a/b", ref = "a b"', ["ref: can be no name in git"], id="a ref that is none"),
        pytest.param('source = "image"', ["app: is missing: an image without `image` is the one that runs there"], id="running where?"),
    ],
)  # fmt: skip
def test_sources_of_releases(load: Load, source: str, mistakes: list[str]) -> None:
    text = target(f"release = {{ {source} }}")
    if not mistakes:
        assert len(load(text).targets[0].releases) == 1
        return
    found = mistakes_in(load, text)
    assert [each.removeprefix("release.") for each in found] == mistakes


def test_the_image_that_runs_is_by_default_that_of_the_targets_app(load: Load) -> None:
    [found] = load(target(f'app.resource_id = "{APP}"\nrelease = {{ source = "image" }}')).targets
    assert found.releases == (ReleaseSettings("image", container_app=APP, identity=AZ),)


def test_both_look_for_the_apps_container_by_the_same_variable(load: Load) -> None:
    app = f'app = {{ resource_id = "{APP}", database_variable = "DB" }}\n'
    [found] = load(
        target(
            app + 'release = [{ source = "image" }, { source = "image", database_variable = "X" }, '
            f'{{ source = "image", container_app = "{APP.lower()}" }}, '
            f'{{ source = "image", container_app = "{APP}-other" }}, {{ source = "image", image = "r.io/a" }}]'
        )
    ).targets
    assert [each.database_variable for each in found.releases] == ["DB", "X", "DB", "DATABASE_URL", "DATABASE_URL"]


def test_several_sources_stand_in_their_order(load: Load, tmp_path: Path) -> None:
    text = target(
        '[[target.release]]\nsource = "github"\nrepository = "a/b"\n[[target.release]]\nsource = "folder"\npath = "x"'
    )
    assert load(text).targets[0].releases == (
        ReleaseSettings("github", repository="a/b"),
        ReleaseSettings("folder", str(tmp_path / "x")),
    )
    assert mistakes_in(load, target("release = []")) == ["release: names no source"]
    wrong = text.replace('path = "x"', "path = 1")
    assert mistakes_in(load, wrong) == ['release[2].path: expected text, e.g. path = "…"']


def test_the_log_of_no_server_cannot_be_read(load: Load) -> None:
    workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
    assert mistakes_in(load, target("[target.audit]\n")) == ["server: is missing: `audit` reads the log of that server"]
    with_server = f'[target.server]\nresource_id = "{SERVER}"\n[target.audit]\n'
    assert load(target(f'{with_server}workspace = "{workspace}"\n')).targets[0].audit == AuditSettings(workspace)
    assert mistakes_in(load, target(f'{with_server}workspace = "logs"\n')) == [
        "audit.workspace: must be like /subscriptions/…/Microsoft.OperationalInsights/workspaces/…"
    ]
