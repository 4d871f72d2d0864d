import traceback
from dataclasses import asdict

import pytest

from shared.prisma.connection_url import ConnectionUrl, parse_connection_url

PASSWORD = "s3cr3t-9f2"
# What a URL that says nothing special comes to.
PLAIN = {
    "host": "db.example.com", "port": 5432, "database": "app", "user": "u", "password": PASSWORD, "schema": None,
    "sslmode": None, "parameters": {}, "unknown": (), "pgbouncer": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "differs"),
    [
        pytest.param(f"postgresql://u:{PASSWORD}@db.example.com:5432/app", {}, id="plain"),
        pytest.param(f"postgres://u:{PASSWORD}@db.example.com/app", {}, id="short scheme, no port"),
        pytest.param(f"  postgresql://u:{PASSWORD}@db.example.com/app\n", {}, id="a line of a file"),
        pytest.param(f"postgresql://u:{PASSWORD}@db.example.com:1", {"port": 1, "database": "postgres"}, id="bare"),
        pytest.param("postgresql://db.example.com/app", {"user": None, "password": None}, id="no user"),
        pytest.param("postgresql://u@db.example.com/app", {"password": None}, id="no password"),
        pytest.param(
            "postgresql://a%40b:p%2F%3F%23%40%25@db.example.com/my%20app",
            {"user": "a@b", "password": "p/?#@%", "database": "my app"},
            id="percent-encoded",
        ),
        pytest.param("postgresql://u:p@ss[1]:x@db.example.com/app", {"password": "p@ss[1]:x"}, id="careless password"),
        pytest.param(f"postgresql://u:{PASSWORD}@[::1]:5433/app", {"host": "::1", "port": 5433}, id="IPv6"),
        pytest.param(f"postgresql://u:{PASSWORD}@/app?host=/run/pg", {"host": "/run/pg"}, id="socket"),
        pytest.param(f"postgresql://u:{PASSWORD}@localhost/app?host=/run/pg", {"host": "/run/pg"}, id="socket wins"),
        pytest.param(f"postgresql://u:{PASSWORD}@%2Frun%2Fpg/app", {"host": "/run/pg"}, id="socket as host"),
        pytest.param(f"postgresql://u:{PASSWORD}@db.example.com/app?schema=my+app", {"schema": "my app"}, id="schema"),
        pytest.param(f"postgresql://u:{PASSWORD}@db.example.com/app?schema=", {}, id="empty schema"),
        pytest.param(
            f"postgresql://u:{PASSWORD}@db.example.com/app?pgbouncer=true&connection_limit=5&connect_timeout=30"
            "&pool_timeout=10&socket_timeout=9&statement_cache_size=0&application_name=api&max_connection_lifetime=1"
            "&max_idle_connection_lifetime=1&single_use_connections=1&sslidentity=a.p12&sslpassword=b",
            {"pgbouncer": True},
            id="what only shapes Prisma's pool",
        ),
        pytest.param(
            f"postgresql://u:{PASSWORD}@db.example.com/app?options=-c%20a%3Db&channel_binding=require"
            "&target_session_attrs=any",
            {"parameters": {"options": "-c a=b", "channel_binding": "require", "target_session_attrs": "any"}},
            id="what libpq knows too",
        ),
        pytest.param(
            f"postgresql://u:{PASSWORD}@db.example.com/app?shcema=x&Zed=1", {"unknown": ("Zed", "shcema")}, id="unknown"
        ),
    ],
)  # fmt: skip
def test_url_in_libpqs_terms(url: str, differs: dict[str, object]) -> None:
    assert asdict(parse_connection_url(url)) == PLAIN | differs


@pytest.mark.parametrize(
    ("query", "sslmode", "parameters"),
    [
        pytest.param("sslmode=disable", "disable", {}, id="disable"),
        pytest.param("sslmode=prefer", "prefer", {}, id="prefer"),
        pytest.param("sslmode=require", "require", {}, id="require trusts anyone"),
        pytest.param("sslmode=no-verify", "require", {}, id="node-postgres' word"),
        pytest.param("sslmode=Verify-Full", "verify-full", {}, id="in any letters"),
        pytest.param("sslmode=NO-VERIFY&sslaccept=strict", "verify-full", {}, id="node-postgres' word and strict"),
        pytest.param("sslmode=require&sslaccept=strict", "verify-full", {}, id="strict"),
        pytest.param("sslaccept=strict", "verify-full", {}, id="strict alone"),
        pytest.param("sslmode=disable&sslaccept=strict", "disable", {}, id="nothing to be strict about"),
        pytest.param("sslaccept=accept_invalid_certs", "require", {}, id="anyone"),
        pytest.param("sslmode=prefer&sslaccept=accept_invalid_certs", "prefer", {}, id="anyone, if at all"),
        pytest.param("sslcert=ca.pem", None, {"sslrootcert": "ca.pem"}, id="Prisma's sslcert is the authority"),
        pytest.param("sslcert=ca.pem&sslaccept=accept_invalid_certs", "require", {}, id="an authority for nothing"),
        pytest.param(
            "sslmode=verify-full&sslrootcert=ca.pem&sslcert=me.pem&sslkey=me.key&sslpassword=k",
            "verify-full",
            {"sslrootcert": "ca.pem", "sslcert": "me.pem", "sslkey": "me.key", "sslpassword": "k"},
            id="libpq's sslcert is the client's",
        ),
    ],
)
def test_tls_as_the_url_asks_for_it(query: str, sslmode: str | None, parameters: dict[str, str]) -> None:
    url = parse_connection_url(f"postgresql://u:p@db.example.com/app?{query}")
    assert (url.sslmode, dict(url.parameters)) == (sslmode, parameters)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("", "starts with postgresql://", id="empty"),
        pytest.param(f"mysql://u:{PASSWORD}@h/app", "starts with postgresql://", id="another database"),
        pytest.param(f"jdbc:postgresql://h/app?password={PASSWORD}", "starts with postgresql://", id="Java's"),
        pytest.param(f"host=h password={PASSWORD}", "starts with postgresql://", id="libpq's words"),
        pytest.param(f'"postgresql://u:{PASSWORD}@h/app"', "starts with postgresql://", id="quotes of a file"),
        pytest.param(f"prisma://accelerate.example.com/?api_key={PASSWORD}", "Prisma Accelerate", id="Accelerate"),
        pytest.param(f"postgresql://u:12/{PASSWORD}@h/app", "percent-encoded", id="a slash in the password"),
        pytest.param(f"postgresql://u:12?{PASSWORD}@h/app", "percent-encoded", id="a question mark in the password"),
        pytest.param(f"postgresql://u:12#{PASSWORD}@h/app", "percent-encoded", id="a hash in the password"),
        pytest.param(f"postgresql://u:{PASSWORD}@h:port/app", "percent-encoded", id="a port that is none"),
        pytest.param(f"postgresql://u:{PASSWORD}@h:5432,i:5432/app", "percent-encoded", id="two hosts"),
        pytest.param(f"postgresql://u:{PASSWORD}@h/app?host=h,i", "no host, or more than one", id="two hosts, apart"),
        pytest.param(f"postgresql://u:{PASSWORD}@/app", "no host", id="no host"),
        pytest.param(f"postgresql://u:{PASSWORD}@h:0/app", "1 to 65535", id="port 0"),
        pytest.param(f"postgresql://u:{PASSWORD}@h:99999999999/app", "1 to 65535", id="a port too far"),
        pytest.param(f"postgresql://u:{PASSWORD}%00@h/app", "NUL", id="NUL"),
        pytest.param(f"postgresql://u:{PASSWORD}%FF@h/app", "not UTF-8", id="bytes that are no text"),
        pytest.param(f"postgresql://u:{PASSWORD}\udcff@h/app", "not UTF-8", id="a terminal's stray byte"),
        pytest.param(f"postgresql://u:{PASSWORD}@{'h' * 64}/app", "no host's name", id="a label too long"),
        pytest.param(f"postgresql://u:{PASSWORD}@h/app?sslmode=on", "sslmode is none of", id="no mode of TLS"),
    ],
)
def test_url_that_is_none_is_reported_without_repeating_it(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        parse_connection_url(url)
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("url", "shown", "local"),
    [
        pytest.param("postgresql://u:s3cr3t@db.example/app", 'database "app" at db.example:5432', False, id="far"),
        pytest.param("postgresql://u:s3cr3t@10.0.0.4:6432/app", 'database "app" at 10.0.0.4:6432', False, id="near"),
        pytest.param("postgresql://u:s3cr3t@localhost/app", 'database "app" at localhost:5432', True, id="localhost"),
        pytest.param("postgresql://u:s3cr3t@127.0.0.2/app", 'database "app" at 127.0.0.2:5432', True, id="loopback"),
        pytest.param("postgresql://u:s3cr3t@[::1]/app", 'database "app" at [::1]:5432', True, id="loopback, IPv6"),
        pytest.param("postgresql://u:s3cr3t@h/app?host=/run", 'database "app" at /run (port 5432)', True, id="socket"),
        pytest.param("postgresql://u:s3cr3t@localhost/app?hostaddr=203.0.113.9", 'database "app" at localhost:5432 (hostaddr 203.0.113.9)', False, id="localhost, elsewhere"),
        pytest.param("postgresql://u:s3cr3t@h/app?host=/run&hostaddr=203.0.113.9", 'database "app" at /run (port 5432) (hostaddr 203.0.113.9)', False, id="socket, elsewhere"),
        pytest.param("postgresql://u:s3cr3t@db.example/app?hostaddr=127.0.0.1", 'database "app" at db.example:5432 (hostaddr 127.0.0.1)', False, id="far, at loopback"),
        pytest.param("postgresql://u:s3cr3t@localhost/app?hostaddr=::1", 'database "app" at localhost:5432 (hostaddr ::1)', True, id="localhost at loopback"),
        pytest.param("postgresql://u:s3cr3t@localhost/app?hostaddr=127.0.0.1,203.0.113.9", 'database "app" at localhost:5432 (hostaddr 127.0.0.1,203.0.113.9)', False, id="several addresses"),
        pytest.param("postgresql://u:s3cr3t@localhost/app?hostaddr=localhost", 'database "app" at localhost:5432 (hostaddr localhost)', False, id="a name as an address"),
        pytest.param("postgresql://u:s3cr3t@localhost/app?hostaddr=", 'database "app" at localhost:5432', True, id="no address"),
    ],
)  # fmt: skip
def test_place_is_shown_without_the_password(url: str, shown: str, local: bool) -> None:
    parsed = parse_connection_url(url)
    assert (str(parsed), parsed.is_local) == (shown, local)


def test_password_is_not_in_the_representation() -> None:
    url: ConnectionUrl = parse_connection_url(f"postgresql://u:{PASSWORD}@h/app?sslkey=k&sslpassword={PASSWORD}")
    assert url.password == PASSWORD
    assert PASSWORD not in repr(url)
