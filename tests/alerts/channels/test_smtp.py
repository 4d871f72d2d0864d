"""Mail through real SMTP servers on loopback: STARTTLS, TLS, a login, and all that they may refuse."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from shared.alerts.channels.email.settings import EmailChannel, SmtpServer
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.model.alerts import Channel
from shared.model.setting_types import Secret
from tests.alerts.channels.inbox import PASSWORD, Inbox, let_in, smtp_server
from tests.alerts.news import opened
from tests.gather.servers import nobody, rude_server
from tests.patience import HALF_A_MINUTE, SECONDS, growing


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
    return EmailChannel(
        "oncall",
        sender="monitor@example.com",
        recipients=("oncall@example.com", "ada@example.com"),
        smtp=server,
        timeout=HALF_A_MINUTE,
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


@pytest.mark.parametrize(
    ("answer", "passing"), [("554 no", False), ("452 disk full", True), ("552 5.2.2 mailbox full", False)]
)
def test_the_mail_is_refused(answer: str, passing: bool) -> None:
    inbox = Inbox(on_data=answer)
    with smtp_server(inbox) as port:
        delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: answered {answer[:3]}", passing)
    assert len(inbox.mails) == (2 if passing else 1)


@pytest.mark.parametrize("answer", ["552 too large", "552 5.3.4 too big", "554 5.6.0 not understood"])
def test_a_mail_that_can_never_be_taken_is_replaced_by_a_short_one(answer: str) -> None:
    inbox = Inbox(on_data=lambda mail: "250 OK" if "first line" in str(mail) else answer)
    with smtp_server(inbox) as port:
        delivery = sent(channel(port, security="none"))
    name = f"127.0.0.1:{port}"
    said = f"{name}: does not accept this mail ({answer[:3]}); a short message was sent instead: {name} took the mail"
    assert delivery == Delivery("oncall", True, said, abridged=True)
    full, short = (mail for _, mail in inbox.mails)
    assert short["Subject"] == full["Subject"]
    assert short["Message-ID"] != full["Message-ID"], "who has seen the first must not take it for a repetition"
    assert "first line" in str(short)


def test_a_short_mail_that_is_refused_too_is_given_up() -> None:
    with smtp_server(Inbox(on_data="552 too large")) as port:
        delivery = sent(channel(port, security="none"))
    refusal = f"127.0.0.1:{port}: does not accept this mail (552)"
    said = f"{refusal}; a short message was refused too: {refusal}"
    assert delivery == Delivery("oncall", False, said, never=True)


GREETED, ACCEPTED, TAKEN, GOODBYE = b"220 ready", b"235 accepted", b"250 taken", b"221 bye"
# What a server says in turn; the mail itself comes before `TAKEN`.
ANSWERS = (GREETED, b"250 hello", b"250 from", b"250 to", b"250 and to", b"354 go on", TAKEN, GOODBYE)


class Stops:
    """A server that answers well until it should say *at*; then it does *what* instead.

    `whole` says by connection whether it got a mail to its end: it can only deliver such a mail. `got_there` says
    whether *at* was reached.
    """

    def __init__(self, at: bytes, what: Callable[[socket.socket], None], answers: Sequence[bytes] = ANSWERS) -> None:
        self.whole: list[bool] = []
        self.got_there = False
        self._at, self._what, self._answers = at, what, answers

    def __call__(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            for answer in self._answers:
                if answer == TAKEN:
                    self.whole.append(b".\r\n" in iter(lines.readline, b""))
                elif answer != GREETED:
                    lines.readline()
                if answer == self._at:
                    self.got_there = True
                    break
                connection.sendall(answer + b"\r\n")
            self._what(connection)
            # What arrives once nobody waits for this exchange any more.
            self.whole.append(b".\r\n" in iter(lines.readline, b""))


def drip(connection: socket.socket) -> None:
    with suppress(OSError):
        while not threading.Event().wait(0.02):
            connection.sendall(b"2")


def hang(_: socket.socket) -> None:
    """Say nothing, and keep the connection."""


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


NOT_ENDED = "the exchange did not end within {:.3g} s"
UNKNOWN = "; the server has the whole mail and has not confirmed it, so it may arrive twice"


@pytest.mark.parametrize("at", ANSWERS)
@pytest.mark.parametrize("what", [drip, hang, hang_up])
def test_one_limit_holds_for_the_whole_exchange(at: bytes, what: Callable[[socket.socket], None]) -> None:
    """What counts as not sent is never delivered later; what may have been is said, and why it is not known."""
    for seconds in [30.0] if what is hang_up else growing(0.2):
        server = Stops(at, what)
        with rude_server(server) as (port, ended):
            to = replace(channel(port, security="none"), timeout=timedelta(seconds=seconds), tries=1)
            delivery = sent(to)
            assert ended.acquire(timeout=SECONDS)
        # On a slow machine another limit may be reached first: the socket's between two bytes, or that of the exchange.
        other = {drip: "no answer", hang: "did not end"}.get(what)
        if server.got_there and (other is None or other not in delivery.said):
            break
    has_mail = at in {TAKEN, GOODBYE}
    assert any(server.whole) == has_mail
    # Three timeouts are the limit.
    problem = {
        drip: NOT_ENDED.format(3 * seconds),
        hang: "no answer in time",
        hang_up: "closed the connection",
    }[what]
    said = "took the mail" if at == GOODBYE else f"{problem}{UNKNOWN if has_mail else ''}"
    separator = " " if at == GOODBYE else ": "
    assert delivery == Delivery("oncall", at == GOODBYE, f"127.0.0.1:{port}{separator}{said}", at != GOODBYE)


@pytest.mark.parametrize(
    ("what", "said", "passing"),
    [
        pytest.param(hang, "no answer in time", True, id="not answered"),
        pytest.param(hang_up, "refused the login (535)", False, id="the connection is closed"),
    ],
)
def test_a_login_that_gets_no_answer(
    what: Callable[[socket.socket], None], said: str, passing: bool, authority: trustme.CA, root: Path
) -> None:
    for seconds in [30.0] if what is hang_up else growing(0.2):
        server = Stops(ACCEPTED, what, answers=(GREETED, b"250-hello\r\n250 AUTH PLAIN", ACCEPTED))

        def over_tls(connection: socket.socket, server: Stops = server) -> None:
            with suppress(OSError), tls(authority).wrap_socket(connection, server_side=True) as wrapped:
                server(wrapped)

        with rude_server(over_tls) as (port, _):
            to = channel(port, root, "hunter2", security="tls")
            delivery = sent(replace(to, timeout=timedelta(seconds=seconds), tries=1))
        if server.got_there and "did not end" not in delivery.said:
            break
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: {said}", passing)


def test_a_server_that_refuses_the_goodbye_has_the_mail_all_the_same() -> None:
    server = Stops(GOODBYE, lambda connection: connection.sendall(b"421 going down\r\n"))
    with rude_server(server) as (port, _):
        assert sent(channel(port, security="none")) == Delivery("oncall", True, f"127.0.0.1:{port} took the mail")


def test_nobody_there() -> None:
    port = nobody()
    delivery = sent(channel(port, security="none"))
    assert delivery == Delivery("oncall", False, f"127.0.0.1:{port}: 127.0.0.1:{port} refused the connection", True)


def test_a_server_that_hangs_up() -> None:
    with rude_server(lambda connection: connection.sendall(b"220 hello\r\n")) as (port, _):
        delivery = sent(channel(port, security="none"))
    assert (delivery.taken, delivery.passing) == (False, True)


def test_a_host_that_is_a_secret_stays_one() -> None:
    port = nobody()
    server = SmtpServer(host=Secret("env:HOST", "127.0.0.1"), port=port, security="none")
    to = EmailChannel("oncall", sender="a@example.com", recipients=("b@example.com",), smtp=server, tries=1)
    assert "127.0.0.1" not in sent(to).said
