"""Settings with the secrets that they only name."""

from datetime import timedelta
from functools import partial
from typing import TypeVar

from ..model.azure import Vault
from ..model.secrets import secrets_in, with_secrets_as
from ..model.setting_types import Secret
from ..net.background import Started
from .error import AzureError
from .vault import forget_secret, secret_value
from .vault_errors import not_given

T = TypeVar("T")

PATIENCE = timedelta(seconds=20)


def with_secrets(shape: T, within: timedelta = PATIENCE) -> T:
    """Give *shape*, any of the settings', with every secret that it names: each is fetched once, all at once.

    Raises `AzureError`, also where a secret is not what its place in the settings asks for.
    """
    wanted = {(secret.vault, secret.name): secret.vault for secret in secrets_in(shape) if not secret.is_at_hand}
    fetching = {
        (vault, name): Started(partial(secret_value, vault, _own_name(name), within))
        for (_, name), vault in wanted.items()
        if vault is not None
    }
    failures: list[AzureError] = []
    for (vault, name), started in fetching.items():
        try:
            shape = _filled(shape, vault, name, started.outcome())
        except AzureError as error:
            failures.append(error)
    if failures:
        # One identity without a token is the same sentence for all.
        because = "; ".join(dict.fromkeys(failure.because for failure in failures))
        raise AzureError(because, lasting=any(failure.lasting for failure in failures))
    return shape


def forget_secrets(shape: object) -> None:
    """Have what *shape* holds from vaults fetched again the next time: it was refused where it was used."""
    for secret in secrets_in(shape):
        if secret.vault is not None and secret.given is not None:
            forget_secret(secret.vault, _own_name(secret.name), secret.given)


def _filled(shape: T, vault: Vault, name: str, value: str) -> T:
    def exchanged(secret: Secret) -> Secret:
        is_meant = not secret.is_at_hand and (secret.vault, secret.name) == (vault, name)
        return Secret(name, value, vault) if is_meant else secret

    try:
        return with_secrets_as(shape, exchanged)
    except ValueError as error:
        # The rules of the settings, which repeat no value.
        broken = str(error).replace("\n", "; ")
    # A corrected secret must be read at once, not after its time in the cache.
    forget_secret(vault, _own_name(name), value)
    raise not_given(vault, _own_name(name), f"it is not what is asked for there: {broken}", lasting=True)


def _own_name(name: str) -> str:
    """Give the name within the vault: the settings say ``vault:NAME``."""
    return name.removeprefix("vault:")
