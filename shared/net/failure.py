"""Why there is no answer, in a sentence. The libraries' own texts are not used: they hold whole URLs and headers."""

import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator

import requests
from urllib3 import exceptions as urllib3_errors

from .client import address_of

# What breaks on the way to an answer or in the middle of it, however the libraries call it.
BROKEN = (requests.RequestException, urllib3_errors.HTTPError, http.client.HTTPException, OSError, UnicodeError)
# X509_V_ERR_*, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_CERTIFICATE_IS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is self-signed, or its issuer is not trusted",
    20: "comes from an issuer that is not trusted",
    21: "comes from an issuer that is not trusted",
    23: "has been revoked",
    62: "is for another name",
    64: "is for another address",
}


def no_answer_because(error: Exception, url: str) -> str | None:
    """Say which step failed, and at which address; None if the time ran out.

    The libraries wrap each other's exceptions, up to five deep: all are examined, the innermost first.
    """
    failures = list(_unwrapped(error))[::-1]
    for kinds, say in _REASONS:
        for failure in failures:
            if isinstance(failure, kinds):
                return say if say is None else say(failure).format(address=address_of(url))
    return f"the request to {address_of(url)} failed ({type(error).__name__})"


def _unwrapped(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (getattr(current, "reason", None), *current.args, current.__cause__, current.__context__)
        waiting.extend(each for each in inner if isinstance(each, BaseException))


def _unresolved(failure: BaseException) -> str:
    if isinstance(failure, socket.gaierror) and failure.errno == socket.EAI_AGAIN:
        return "no name server answered for {address}"
    return "the name in {address} could not be resolved"


def _distrusted(failure: BaseException) -> str:
    code = getattr(failure, "verify_code", 0)
    return "TLS: the certificate of {address} " + _CERTIFICATE_IS.get(code, f"is not trusted (OpenSSL code {code})")


def _no_tls(failure: BaseException) -> str:
    reason = getattr(failure, "reason", None)
    words = f": {reason.lower().replace('_', ' ')}" if isinstance(reason, str) else ""
    return "TLS with {address} failed" + words


def _system_says(failure: BaseException) -> str:
    number = getattr(failure, "errno", None)
    return "cannot reach {address}" + (f": {os.strerror(number)}" if isinstance(number, int) and number > 0 else "")


def _saying(sentence: str) -> Callable[[BaseException], str]:
    return lambda _failure: sentence


_CLOSED = (
    ConnectionError, http.client.IncompleteRead, ssl.SSLEOFError, ssl.SSLZeroReturnError,
    urllib3_errors.IncompleteRead, urllib3_errors.InvalidChunkLength,
)  # fmt: skip

# From what says most to what says least.
_REASONS: tuple[tuple[tuple[type[BaseException], ...], Callable[[BaseException], str] | None], ...] = (
    ((requests.exceptions.InvalidURL, urllib3_errors.LocationValueError), _saying("{address} is no address to ask")),
    ((requests.exceptions.InvalidHeader, UnicodeError), _saying("the request to {address} cannot be put into HTTP")),
    (
        (urllib3_errors.ProxyError,),
        _saying("the proxy on the way to {address} cannot be reached or refuses the connection"),
    ),
    ((socket.gaierror,), _unresolved),
    ((ssl.SSLCertVerificationError,), _distrusted),
    ((ConnectionRefusedError,), _saying("{address} refused the connection")),
    ((TimeoutError, urllib3_errors.ReadTimeoutError), None),
    (_CLOSED, _saying("{address} closed the connection before the whole answer was there")),
    ((ssl.SSLError,), _no_tls),
    ((urllib3_errors.DecodeError,), _saying("{address} sent a body that is not packed as its header says")),
    ((http.client.HTTPException,), _saying("what {address} sent is not HTTP")),
    ((OSError,), _system_says),
)
