"""What the monitor signs, so that it knows it again: links to the status page, and the forms of that page.

A token is `ABOUT.UNTIL.MAC`: what it is about, when it ends (seconds since 1970; nothing where it never does), and an
HMAC-SHA256 in base64url over the purpose, both of these to the letter, and what is known without it: the target, who
reads. A token for one purpose, target or reader is none for another. Nothing in it is secret, and nobody can make one
without the key; another key ends them all. Pure: key and clock are given.
"""

import hmac
import json
import re
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum

from ..model.value import dataclass

# A card is opened days later at most; by then another one has been sent of what is still open.
LINK_LASTS = timedelta(days=7)
# So long a page may stay open before its buttons are pressed.
FORM_LASTS = timedelta(hours=1)
_TOKEN = re.compile(r"([A-Za-z0-9._-]{0,100})\.([0-9]{0,12})\.([A-Za-z0-9_-]{43})")


class Purpose(StrEnum):
    """What a token is for: the first three are links, the others forms."""

    PAGE = "page"
    WEEK = "week"
    BADGE = "badge"
    SILENCE = "silence"
    CHECK = "check"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Opened:
    """A token that is sound: what it is *about*, and *until* when (None: without end)."""

    about: str
    until: datetime | None


def signed(key: str, purpose: Purpose, *context: str, about: str = "", until: datetime | None = None) -> str:
    """Give the token; *about* may hold letters, digits and `._-`, 100 at most; *until* counts in whole seconds."""
    ends = "" if until is None else str(int(until.timestamp()))
    return f"{about}.{ends}.{_mac(key, purpose, *context, about, ends)}"


def opened(token: str, key: str, purpose: Purpose, *context: str, now: datetime) -> Opened | None:
    """Give what *token* says; None for one that was not signed for just this, is altered, or has ended by *now*.

    It is compared in a time that does not depend on how much of it is right.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    about, ends, mac = found.groups()
    # Compared as text: two spellings of one MAC in base64 are not both right.
    if not hmac.compare_digest(mac, _mac(key, purpose, *context, about, ends)):
        return None
    if not ends:
        return Opened(about, None)
    until = datetime.fromtimestamp(int(ends), now.tzinfo)
    return Opened(about, until) if now < until else None


def _mac(key: str, *said: str) -> str:
    # As JSON, no two lists of texts are the same text.
    text = json.dumps(said).encode()
    return urlsafe_b64encode(hmac.digest(key.encode(), text, "sha256")).rstrip(b"=").decode()
