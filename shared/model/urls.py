"""Which URLs of the settings are fit for their purpose."""

import re
from urllib.parse import urlsplit


def host_of(text: str, *schemes: str) -> str | None:
    """Give the host of a URL of one of *schemes*; None where *text* is none, or has a port that cannot be."""
    try:
        url = urlsplit(text)
        usable = url.scheme in schemes and url.port != 0
    except ValueError:
        return None
    return url.hostname if usable else None


def keeps_secrets(text: str) -> bool:
    """Say whether what a request to this URL carries is safe on the way: encrypted, or never leaving this machine."""
    return host_of(text, "https") is not None or host_of(text, "http") in {"127.0.0.1", "localhost", "::1"}


def is_plain_https(text: str | None) -> bool:
    """Say whether *text* is an https URL and nothing more: no user, no query, no fragment."""
    if text is None or not text.isprintable() or re.search(r"[ @?#\\]", text):
        return False
    return host_of(text, "https") is not None


def is_https(text: str) -> bool:
    """Say whether *text* is an https URL of any kind, such as one to be redirected to."""
    return host_of(text, "https") is not None


def is_container(text: str | None) -> bool:
    """Say whether *text* is the URL of a blob container: ``https://account.blob.core.windows.net/name``."""
    return is_plain_https(text) and re.fullmatch(r"/[a-z0-9$-]{1,63}/?", urlsplit(text or "").path) is not None


def is_vault(text: str) -> bool:
    return is_plain_https(text) and urlsplit(text).path in {"", "/"}


def is_host(text: str) -> bool:
    """Say whether *text* can be a host's name or address, and nothing else."""
    return re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?", text) is not None
