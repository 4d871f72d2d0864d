"""Into the database with what Azure gives: a token for a password, or a connection URL out of a vault."""

import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.database import read_database, read_schema
from shared.model.azure import Vault
from shared.model.database import DatabaseReading
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.cloud.cloud import Cloud
from tests.cloud.postgres import NAME, TlsServer
from tests.cloud.vault import FakeVault
from tests.gather.servers import Reply
from tests.patience import LONG, growing

RESOURCE = "https://ossrdbms-aad.database.windows.net"
SECRET = "database-connection-string"


@pytest.fixture(autouse=True)
def _found_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")


def read(settings: DatabaseSettings, within: timedelta = LONG) -> DatabaseReading:
    return read_database(settings, (), within)


def failure(settings: DatabaseSettings, within: timedelta = LONG) -> GatherError:
    with pytest.raises(GatherError) as raised:
        read(settings, within)
    text = "".join(traceback.format_exception(raised.value))
    assert "eyJ" not in text
    assert "hunter2" not in text
    return raised.value


class TestByIdentity:
    def settings(self, cloud: Cloud, server: TlsServer, **others: Any) -> DatabaseSettings:
        """The settings of a role whose password is the token that is handed out at this moment."""
        self.accept(cloud, server)
        place: dict[str, Any] = {"host": NAME, "port": server.postgres.port, "name": "postgres", "user": "monitor"}
        return DatabaseSettings(**{**place, "identity": cloud.identity, "ssl_root_cert": server.authority, **others})

    def accept(self, cloud: Cloud, server: TlsServer) -> None:
        token = cloud.tokens.token_for(RESOURCE, cloud.identity.client_id)
        server.run(f"ALTER ROLE monitor PASSWORD '{token}'")

    def test_the_token_is_the_password(self, cloud: Cloud, tls_server: TlsServer) -> None:
        settings = self.settings(cloud, tls_server)
        assert read(settings).name == "postgres"
        assert [str(subject) for subject in read_schema(settings).objects] == ["table public.folders"]
        assert cloud.tokens.asked_for(RESOURCE) == 1

    def test_a_token_that_was_rotated(self, cloud: Cloud, tls_server: TlsServer) -> None:
        settings = self.settings(cloud, tls_server)
        read(settings)
        cloud.tokens.rotate()
        self.accept(cloud, tls_server)
        assert read(settings).name == "postgres"
        assert cloud.tokens.asked_for(RESOURCE) == 2
        assert read(settings).name == "postgres"
        assert cloud.tokens.asked_for(RESOURCE) == 2

    def test_a_token_that_is_about_to_end(self, cloud: Cloud, tls_server: TlsServer) -> None:
        cloud.tokens.lifetime = 200
        settings = self.settings(cloud, tls_server)
        read(settings)
        cloud.tokens.lifetime = 86_400
        cloud.tokens.rotate()
        self.accept(cloud, tls_server)
        assert read(settings).name == "postgres"
        assert cloud.tokens.asked_for(RESOURCE) == 2

    def test_a_role_that_is_none_of_the_identity(self, cloud: Cloud, tls_server: TlsServer) -> None:
        settings = self.settings(cloud, tls_server, user="nobody")
        error = failure(settings)
        assert str(error) == (
            f'database "postgres" at {NAME}:{tls_server.postgres.port} cannot be reached: the identity\'s token does'
            ' not let user "nobody" in: pgaadauth_create_principal makes its role, of that name; the token,'
            " fetched again, is still the same"
        )
        assert error.lasting
        assert cloud.tokens.asked_for(RESOURCE) == 2

    def test_a_server_under_another_name_gets_no_token(self, cloud: Cloud, tls_server: TlsServer) -> None:
        error = failure(self.settings(cloud, tls_server, host="other.example.com"))
        assert str(error).endswith(f'the server shows a certificate for "{NAME}", not for other.example.com')

    def test_a_server_that_nobody_vouches_for_gets_no_token(self, cloud: Cloud, tls_server: TlsServer) -> None:
        error = failure(self.settings(cloud, tls_server, ssl_root_cert=None))
        assert str(error).endswith(
            "the server's certificate has expired, or its authority is not known: `ssl_root_cert` names one"
        )

    def test_a_server_without_tls_gets_no_token(self, cloud: Cloud, tls_server: TlsServer, database: str) -> None:
        port = int(database.rpartition(":")[2].partition("/")[0])
        error = failure(self.settings(cloud, tls_server, host="localhost", port=port))
        assert str(error).endswith("the server offers no TLS, and without it no token is sent")

    def test_the_identity_is_at_fault(self, cloud: Cloud, tls_server: TlsServer) -> None:
        settings = self.settings(cloud, tls_server)
        cloud.tokens.status = 400
        error = failure(settings)
        assert str(error).startswith(
            f'database "postgres" at {NAME}:{tls_server.postgres.port} cannot be reached: no token for {RESOURCE}: the'
            f" managed identity with client id {cloud.identity.client_id} is not assigned to this app"
        )
        assert error.lasting

    def test_the_identity_is_slow(self, cloud: Cloud, tls_server: TlsServer) -> None:
        settings = self.settings(cloud, tls_server)
        cloud.tokens.instead = cloud.silence
        error = failure(settings, timedelta(seconds=0.3))
        assert "the identity endpoint gave none to the managed identity" in str(error)
        assert not error.lasting


class TestByVault:
    @pytest.fixture
    def vault(self, cloud: Cloud) -> FakeVault:
        return cloud.vault()

    @pytest.fixture
    def settings(self, cloud: Cloud, vault: FakeVault, tls_server: TlsServer) -> DatabaseSettings:
        secret = Secret(f"vault:{SECRET}", None, Vault(vault.url, cloud.identity))
        return DatabaseSettings(secret, ssl_root_cert=tls_server.authority)

    @pytest.fixture
    def rotate(self, vault: FakeVault, tls_server: TlsServer) -> Callable[[str], None]:
        def to(password: str) -> None:
            tls_server.run(f"ALTER ROLE monitor PASSWORD '{password}'")
            vault.put(SECRET, tls_server.url(user="monitor", password=password))

        return to

    def test_the_url_is_fetched(
        self, vault: FakeVault, settings: DatabaseSettings, rotate: Callable[[str], None]
    ) -> None:
        rotate("hunter2-first")
        assert read(settings).name == "postgres"
        assert [str(subject) for subject in read_schema(settings).objects] == ["table public.folders"]
        assert vault.asked == [SECRET]

    def test_a_secret_that_was_rotated(
        self, vault: FakeVault, settings: DatabaseSettings, rotate: Callable[[str], None]
    ) -> None:
        rotate("hunter2-first")
        read(settings)
        rotate("hunter2-second")
        assert read(settings).name == "postgres"
        assert vault.asked == [SECRET, SECRET]
        assert read(settings).name == "postgres"
        assert vault.asked == [SECRET, SECRET]

    def test_a_wrong_secret_is_fetched_once_more_only(
        self, vault: FakeVault, settings: DatabaseSettings, rotate: Callable[[str], None], tls_server: TlsServer
    ) -> None:
        rotate("hunter2-first")
        tls_server.run("ALTER ROLE monitor PASSWORD 'hunter2-second'")
        error = failure(settings)
        assert str(error) == (
            f'database "postgres" at {NAME}:{tls_server.postgres.port} (hostaddr 127.0.0.1) cannot be reached: wrong'
            f' password for user "monitor", or no such user; vault:{SECRET}, fetched again, is still the same'
        )
        assert error.lasting
        assert vault.asked == [SECRET, SECRET]

    def test_another_wrong_secret(
        self, vault: FakeVault, settings: DatabaseSettings, rotate: Callable[[str], None], tls_server: TlsServer
    ) -> None:
        rotate("hunter2-first")
        read(settings)
        rotate("hunter2-second")
        tls_server.run("ALTER ROLE monitor PASSWORD 'hunter2-third'")
        assert str(failure(settings)).endswith('wrong password for user "monitor", or no such user')
        assert vault.asked == [SECRET, SECRET]

    def test_no_other_failure_has_it_fetched_again(
        self, vault: FakeVault, settings: DatabaseSettings, tls_server: TlsServer
    ) -> None:
        vault.put(SECRET, tls_server.url("other.example.com"))
        assert str(failure(settings)).endswith("not for other.example.com")
        assert vault.asked == [SECRET]
        # But the next run asks: the database may have moved.
        vault.put(SECRET, tls_server.url())
        assert read(settings).name == "postgres"

    def test_what_is_no_url_is_fetched_again_the_next_time(
        self, vault: FakeVault, settings: DatabaseSettings, rotate: Callable[[str], None]
    ) -> None:
        vault.put(SECRET, "hunter2")
        assert str(failure(settings)) == (
            "no database to read: the connection URL is not PostgreSQL's: it starts with postgresql:// or postgres://"
        )
        rotate("hunter2-first")
        assert read(settings).name == "postgres"

    def test_the_vault_is_at_fault(self, cloud: Cloud, vault: FakeVault, settings: DatabaseSettings) -> None:
        vault.refusal = "ForbiddenByRbac"
        error = failure(settings)
        assert str(error) == (
            f"no database to read: vault:{SECRET} of usasset-kv.vault.azure.net: the managed identity with client id"
            f" {cloud.identity.client_id} may not read it: it needs the role Key Vault Secrets User on the vault or the"
            " secret"
        )
        assert error.lasting

    def test_the_vault_is_slow(self, cloud: Cloud, settings: DatabaseSettings) -> None:
        cloud.host("usasset-kv.vault.azure.net", cloud.silence)
        for seconds in growing(0.3):
            error = failure(settings, timedelta(seconds=seconds))
            if "the identity endpoint" not in str(error):
                break
        assert f"no answer within {seconds:.3g} s" in str(error)
        assert not error.lasting

    def test_the_vault_is_away(self, cloud: Cloud, settings: DatabaseSettings) -> None:
        cloud.host("usasset-kv.vault.azure.net", Reply(503))
        error = failure(settings)
        assert str(error).endswith("usasset-kv.vault.azure.net: the vault answered 503")
        assert not error.lasting
