"""Mail through an SMTP server, by the standard library."""

import smtplib
import ssl
from contextlib import suppress
from datetime import timedelta

from shared.gather.http.failure import no_answer_because
from shared.model.alerts import Channel, SmtpServer, plain
from shared.model.message import Message
from shared.notify.error import DeliveryError
from shared.report.mail import as_mail

# RFC 4954: the credentials are invalid.
_AUTHENTICATION_FAILED = 535


def send(message: Message, channel: Channel) -> str:
    """Give what the server said. Of several recipients one is enough: the others are named as refused."""
    server, sender = channel.smtp, channel.sender
    assert server is not None and sender is not None  # noqa: S101, PT018  # the settings insist on it
    mail = as_mail(message, sender, channel.recipients)
    failure: DeliveryError
    try:
        with _connected(server, channel.timeout) as connection:
            _log_in(connection, server)
            refused = connection.send_message(mail, sender, channel.recipients)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure = _failure(error, _name(server))
    else:
        return f"{_name(server)} took the mail" + (f", but not for {', '.join(sorted(refused))}" if refused else "")
    # Here, where no exception is at hand any more whose text may hold what the server repeats.
    raise failure


def _connected(server: SmtpServer, timeout: timedelta) -> smtplib.SMTP:
    host, seconds = plain(server.host), timeout.total_seconds()
    # Not entered while it fails: then there is nothing to say goodbye to.
    if server.security == "tls":
        return smtplib.SMTP_SSL(host, server.port_in_use, timeout=seconds, context=_trust(server))
    connection = smtplib.SMTP(host, server.port_in_use, timeout=seconds)
    if server.security == "starttls":
        try:
            connection.starttls(context=_trust(server))
        except BaseException:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()
            raise
    return connection


def _log_in(connection: smtplib.SMTP, server: SmtpServer) -> None:
    if server.user is None or server.password is None:
        return
    try:
        connection.login(plain(server.user), server.password.value)
    except smtplib.SMTPServerDisconnected:
        pass  # some hang up on a wrong password: to come back with it would only get the account locked
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
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            said, passing = f"refused every recipient ({', '.join(map(str, codes))})", any(map(_is_passing, codes))
        case smtplib.SMTPResponseException():
            said, passing = f"answered {error.smtp_code}", _is_passing(error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            said, passing = "does not offer what the settings ask for: encryption, or a login", False
        case smtplib.SMTPServerDisconnected():
            said, passing = "closed the connection", True
        case OSError():
            # An SMTPException is an OSError as well, but those are above.
            said = no_answer_because(error, f"smtp://{server}") or "no answer in time"
            passing = not isinstance(error, ssl.SSLCertVerificationError)
        case _:
            said, passing = f"could not be given the mail ({type(error).__name__})", False
    return DeliveryError(f"{server}: {said}", passing=passing)


def _is_passing(code: int) -> bool:
    """Say whether an SMTP status is a transient one (RFC 5321: 4yz)."""
    return 400 <= code < 500


def _name(server: SmtpServer) -> str:
    """``smtp.example.com:587``; a host that is a secret stays one."""
    host = server.host if isinstance(server.host, str) else "the mail server"
    return f"{host}:{server.port_in_use}" if isinstance(server.host, str) else host
