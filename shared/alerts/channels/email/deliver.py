"""Mail: by an SMTP server, or by Azure Communication Services."""

from collections.abc import Mapping

from ....model.finding import Json
from ....model.message import Message
from ...delivery.accepted import Accepted
from .mail import as_html
from .settings import EmailChannel


def send(message: Message, channel: EmailChannel, _report: Mapping[str, Json] | None) -> Accepted:
    # Each brings libraries of its own: imported where a channel needs them.
    if channel.smtp is not None:
        from . import smtp  # noqa: PLC0415

        return Accepted(smtp.send(message, channel, channel.smtp))
    from . import azure_mail  # noqa: PLC0415

    return Accepted(azure_mail.send(message, channel))


def preview(message: Message) -> Mapping[str, str]:
    return {"mail.html": as_html(message)}
