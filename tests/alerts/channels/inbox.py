"""A real mail server on loopback, and what it took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from shared.demo.private_postgres import free_port

# The login that it accepts, where it asks for one.
USER, PASSWORD = "monitor", "hunter2-of-the-mail"


class Inbox:
    """Takes every mail, but for what *refuse* says by recipient."""

    def __init__(
        self, refuse: dict[str, str] | None = None, on_data: str | Callable[[EmailMessage], str] = "250 OK"
    ) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self._refuse, self._on_data = refuse or {}, on_data

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802  # aiosmtpd's
        if address in self._refuse:
            return self._refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  # as above
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(content, policy=policy.default)
        self.mails.append((list(envelope.rcpt_tos), mail))
        return self._on_data if isinstance(self._on_data, str) else self._on_data(mail)


def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    # With its default, aiosmtpd sends no answer to a wrong password: the client would wait for it.
    return AuthResult(success=given.login == USER.encode() and given.password == PASSWORD.encode(), handled=False)


@contextmanager
def smtp_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
