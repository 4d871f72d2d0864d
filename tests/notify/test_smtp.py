"""Mail through real SMTP servers on loopback: STARTTLS, TLS, a login, and all that they may refuse."""

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from shared.model.alerts import Channel, SmtpServer
from shared.model.setting_types import Secret
from shared.notify.deliver import Delivery, deliver
from tests.gather.servers import free_port, rude_server
from tests.notify.inbox import PASSWORD, Inbox, let_in, smtp_server
from tests.report.news import opened


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def root(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mail") / "root.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def channel(port: int, root: Path | None = None, password: str | None = None, **more: Any) -> Channel:
    server = SmtpServer(
        host="127.0.0.1",
        port=port,
        user=None if password is None else "monitor",
        password=None if password is None else Secret("env:PASSWORD", password),
        ssl_root_cert=None if root is None else str(root),
        **more,
    )
    return Channel(
        "oncall",
        "email",
        sender="monitor@example.com",
        recipients=("oncall@example.com", "ada@example.com"),
        smtp=server,
        timeout=timedelta(seconds=2),
        tries=2,
    )


def sent(to: Channel) -> Delivery:
    [delivery] = deliver(opened(), [to], sleep=lambda _seconds: None)
    assert "hunter2" not in repr(delivery)
    return delivery


def test_starttls_and_login(authority: trustme.CA, root: Path) -> None:
    inbox = Inbox()
    options = {"tls_context": tls(authority), "require_starttls": True, "authenticator": let_in, "auth_required": True}
    with smtp_server(inbox, **options) as port:
        assert sent(channel(port, root, PASSWORD)) == Delivery("oncall", True, f"127.0.0.1:{port} took the mail")
    [(recipients, mail)] = inbox.mails
    assert recipients == ["oncall@example.com", "ada@example.com"]
    assert mail["Subject"] == f"⛔ {opened().headline}"


def test_tls_from_the_first_byte(authority: trustme.CA, root: Path) -> None:
    inbox = Inbox()
    with smtp_server(inbox, ssl_context=tls(authority), server_hostname="127.0.0.1") as port:
        assert sent(channel(port, root, security="tls")).taken
    assert len(inbox.mails) == 1


def test_a_relay_without_encryption() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        assert sent(channel(port, security="none")).taken
    assert len(inbox.mails) == 1


def test_a_wrong_password_is_said_once(authority: trustme.CA, root: Path) -> None:
    options = {"tls_context": tls(authority), "require_starttls": True, "authenticator": let_in, "auth_required": True}
    with smtp_server(Inbox(), **options) as port:
        delivery = sent(channel(port, root, f"not-{PASSWORD}"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: refused the login (535)")


def test_a_server_without_encryption_gets_no_mail() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        delivery = sent(channel(port, password=PASSWORD))
    assert delivery == Delivery(
        "oncall", False, f"127.0.0.1:{port}: does not offer what the settings ask for: encryption, or a login"
    )
    assert inbox.mails == []


def test_a_certificate_that_nobody_vouches_for(authority: trustme.CA) -> None:
    inbox = Inbox()
    with smtp_server(inbox, tls_context=tls(authority)) as port:
        delivery = sent(channel(port))
    assert delivery.said.startswith(f"127.0.0.1:{port}: TLS: the certificate of 127.0.0.1:{port} ")
    assert not delivery.passing
    assert inbox.mails == []


def test_one_recipient_of_two_is_enough() -> None:
    inbox = Inbox(refuse={"ada@example.com": "550 no such user"})
    with smtp_server(inbox) as port:
        delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", True, f"127.0.0.1:{port} took the mail, but not for ada@example.com")
    assert inbox.mails[0][0] == ["oncall@example.com"]


@pytest.mark.parametrize(
    ("answer", "passing"),
    [("550 no such user hunter2", False), ("451 come again hunter2", True)],
    ids=["for good", "for now"],
)
def test_no_recipient_is_taken(answer: str, passing: bool) -> None:
    with smtp_server(Inbox(refuse={"oncall@example.com": answer, "ada@example.com": answer})) as port:
        delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: refused every recipient ({answer[:3]})", passing)


@pytest.mark.parametrize(("answer", "passing"), [("552 too large", False), ("452 disk full", True)])
def test_the_mail_is_refused(answer: str, passing: bool) -> None:
    inbox = Inbox(on_data=answer)
    with smtp_server(inbox) as port:
        delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: answered {answer[:3]}", passing)
    assert len(inbox.mails) == (2 if passing else 1)


def test_nobody_there() -> None:
    port = free_port()
    delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: 127.0.0.1:{port} refused the connection", True)


def test_a_server_that_hangs_up() -> None:
    with rude_server(lambda connection: connection.sendall(b"220 hello\r\n")) as (port, _):
        delivery = sent(channel(port, security="none"))
    assert (delivery.taken, delivery.passing) == (False, True)


def test_a_host_that_is_a_secret_stays_one() -> None:
    port = free_port()
    server = SmtpServer(host=Secret("env:HOST", "127.0.0.1"), port=port, security="none")
    to = Channel("oncall", "email", sender="a@example.com", recipients=("b@example.com",), smtp=server, tries=1)
    assert "127.0.0.1" not in sent(to).said
