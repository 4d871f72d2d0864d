"""Mail through an SMTP server, by the standard library: one time limit holds for the whole exchange."""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

from ....model.message import Message
from ....net.background import Started
from ....net.failure import no_answer_because
from ...delivery.error import DeliveryError
from .mail import as_mail
from .settings import EmailChannel, SmtpServer, plain

# RFC 4954: the credentials are invalid.
_AUTHENTICATION_FAILED = 535
# RFC 5321: the message exceeds the storage that the server allots to it.
_TOO_LARGE = 552
# RFC 3463: the message is too big (5.3.4); its content or its media cannot be handled (5.6.x).
_UNACCEPTABLE = (b"5.3.4", b"5.6.")
# How the mail itself ends on the wire (RFC 5321, 4.1.1.4): without it no server delivers what it has.
_END_OF_MAIL = b"\r\n.\r\n"


def send(message: Message, channel: EmailChannel, server: SmtpServer) -> str:
    """Give what the server said. Of several recipients one is enough: the others are named as refused."""
    limit = channel.longest_exchange
    exchange = _Exchange(server, channel)
    sending = Started(lambda: exchange.outcome(message))
    # A server that sends a byte a second never lets a socket's own timeout strike.
    outcome = sending.outcome() if sending.has_ended(limit) else exchange.abandoned(limit)
    if isinstance(outcome, DeliveryError):
        raise outcome
    return outcome


class _Exchange:
    """One attempt to hand a mail over, in a thread of its own. Once `abandoned`, it hands nothing over any more."""

    def __init__(self, server: SmtpServer, channel: EmailChannel) -> None:
        self._server, self._channel = server, channel
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_abandoned = self._is_handed_over = False
        self._accepted: str | None = None

    def outcome(self, message: Message) -> str | DeliveryError:
        """Give what the server said, or why the mail was not taken."""
        try:
            self._hand_over(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            outcome = self._result_of(error)
        else:
            outcome = self._result_of(None)
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
        return outcome

    def abandoned(self, limit: timedelta) -> str | DeliveryError:
        """Cut the connection, so that nothing is delivered later, and say what became of the mail."""
        with self._lock:
            self._is_abandoned = True
            if self._socket is not None:
                _cut(self._socket)
            if self._accepted is not None:
                return self._accepted
            said = f"{_name(self._server)}: the exchange did not end within {limit.total_seconds():g} s"
            return self._unconfirmed(said) if self._is_handed_over else DeliveryError(said, passing=True)

    def connected(self, to: socket.socket) -> None:
        with self._lock:
            # A second handle on the same connection: TLS takes the first one over.
            self._socket = to.dup()
            if self._is_abandoned:
                _cut(self._socket)

    def handed_over(self) -> None:
        with self._lock:
            self._is_handed_over = True

    def _hand_over(self, message: Message) -> None:
        server, sender, recipients = self._server, self._channel.sender, self._channel.recipients
        mail = as_mail(message, sender, recipients)
        connection = _Connection(self, server, self._channel.timeout)
        try:
            if server.security == "starttls":
                connection.starttls(context=_trust(server))
            _log_in(connection, server)
            refused = connection.send_message(mail, sender, recipients)
            but = f", but not for {', '.join(sorted(refused))}" if refused else ""
            with self._lock:
                self._accepted = f"{_name(server)} took the mail{but}"
            connection.quit()
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()

    def _result_of(self, error: Exception | None) -> str | DeliveryError:
        if self._accepted is not None or error is None:
            # The server has it. What comes after that, such as its answer to our goodbye, changes nothing.
            return self._accepted or f"{_name(self._server)} took the mail"
        failure = _failure(error, _name(self._server))
        is_known = not self._is_handed_over or isinstance(error, smtplib.SMTPResponseException)
        return failure if is_known else self._unconfirmed(str(failure))

    def _unconfirmed(self, said: str) -> DeliveryError:
        return DeliveryError(
            f"{said}; the server has the whole mail and has not confirmed it, so it may arrive twice", passing=True
        )


def _cut(connection: socket.socket) -> None:
    """End reading and writing in whatever thread; not by TLS, which would say goodbye and wait for the answer."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Connection(smtplib.SMTP):
    """Reports to its exchange when there is a connection, and when the whole mail was handed over."""

    def __init__(self, exchange: _Exchange, server: SmtpServer, timeout: timedelta) -> None:
        self._exchange = exchange
        self._tls = _trust(server) if server.security == "tls" else None
        super().__init__(plain(server.host), server.port_in_use, timeout=timeout.total_seconds())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect: the library's own place for what its SMTP_SSL does differently."""
        connection = socket.create_connection((host, port), timeout)
        self._exchange.connected(connection)
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_hostname=host)

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes) and s.endswith(_END_OF_MAIL):
            self._exchange.handed_over()


def _log_in(connection: smtplib.SMTP, server: SmtpServer) -> None:
    if server.user is None or server.password is None:
        return
    try:
        connection.login(plain(server.user), server.password.value)
    except smtplib.SMTPServerDisconnected as error:
        if _has_timed_out(error):
            raise
        # Some hang up on a wrong password: to come back with it would only get the account locked.
    else:
        return
    raise smtplib.SMTPAuthenticationError(_AUTHENTICATION_FAILED, "the connection was closed")


def _trust(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ssl_root_cert)


def _failure(error: Exception, server: str) -> DeliveryError:
    """Put an error into words of our own: the server's may repeat a name, an address or the mail."""
    match error:
        case smtplib.SMTPAuthenticationError():
            said, passing = f"refused the login ({error.smtp_code})", _is_passing(error.smtp_code)
        case smtplib.SMTPDataError() | smtplib.SMTPSenderRefused() if _is_unacceptable(error):
            return DeliveryError(f"{server}: does not accept this mail ({error.smtp_code})", never=True)
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            said, passing = f"refused every recipient ({', '.join(map(str, codes))})", any(map(_is_passing, codes))
        case smtplib.SMTPResponseException():
            said, passing = f"answered {error.smtp_code}", _is_passing(error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            said, passing = "does not offer what the settings ask for: encryption, or a login", False
        case smtplib.SMTPServerDisconnected():
            said, passing = "no answer in time" if _has_timed_out(error) else "closed the connection", True
        case OSError():
            # An SMTPException is an OSError as well, but those are above.
            said = no_answer_because(error, f"smtp://{server}") or "no answer in time"
            passing = not isinstance(error, ssl.SSLCertVerificationError)
        case _:
            return DeliveryError(f"{server}: could not be given the mail ({type(error).__name__})", never=True)
    return DeliveryError(f"{server}: {said}", passing=passing)


def _has_timed_out(error: smtplib.SMTPServerDisconnected) -> bool:
    """Say whether the socket's time limit ended the connection: to the library it was the server."""
    return isinstance(error.__context__, TimeoutError)


def _is_unacceptable(error: smtplib.SMTPResponseException) -> bool:
    """Say whether it is this mail that is refused, from any sender, at any time: not the account, nor a recipient."""
    said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
    # Of 552 alone the first meaning is meant; with 5.2.2 it is a mailbox that is full today.
    is_detailed = said[:2] == b"5."
    return said.startswith(_UNACCEPTABLE) if is_detailed else error.smtp_code == _TOO_LARGE


def _is_passing(code: int) -> bool:
    """Say whether an SMTP status is a transient one (RFC 5321: 4yz)."""
    return 400 <= code < 500


def _name(server: SmtpServer) -> str:
    """``smtp.example.com:587``; a host that is a secret stays one."""
    host = server.host if isinstance(server.host, str) else "the mail server"
    return f"{host}:{server.port_in_use}" if isinstance(server.host, str) else host
