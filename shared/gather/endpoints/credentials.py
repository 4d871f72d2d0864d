"""What a request carries to be let in: tokens and secrets that the settings only name."""

from datetime import timedelta

from ...azure.credential import forget_token, token
from ...azure.error import AzureError
from ...azure.secrets import PATIENCE, forget_secrets, with_secrets
from ...model.azure import DEFAULT
from ...model.endpoint import EndpointExpectation
from ...model.setting_types import Secret
from ...model.value import replace
from ..attempt import GatherError

_HEADER, _SCHEME = "Authorization", "Bearer "


def with_credentials(expectation: EndpointExpectation, within: timedelta) -> EndpointExpectation:
    """Give *expectation* with its token and its secrets in its headers; raises `GatherError` that says what failed."""
    within = min(PATIENCE, within)
    try:
        ready = with_secrets(expectation, within)
        if ready.audience is None:
            return ready
        # As a secret it stays with the host that it is for, wherever that redirects to.
        bearer = Secret(
            f"token:{ready.audience}", _SCHEME + token(ready.identity, f"{ready.audience}/.default", within)
        )
    except AzureError as error:
        raise GatherError(f"endpoint {expectation.name} was not asked: {error}", lasting=error.lasting) from None
    return replace(ready, headers={**ready.headers, _HEADER: bearer}, audience=None, identity=DEFAULT)


def forget_credentials(expectation: EndpointExpectation, ready: EndpointExpectation) -> None:
    """Have what *ready* was refused with fetched again: it may have been rotated since."""
    forget_secrets(ready)
    bearer = ready.headers.get(_HEADER) if expectation.audience is not None else None
    if isinstance(bearer, Secret):
        forget_token(expectation.identity, bearer.value.removeprefix(_SCHEME))
