"""Where GitHub gets a verdict: the commit status of a release."""

import re
from dataclasses import field
from typing import ClassVar

from .setting_types import STRICT, Secret, insist
from .urls import keeps_secrets
from .value import dataclass

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_CONTEXT = re.compile(r"[^\x00-\x1f]{1,100}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class CommitStatusSettings:
    """After each verification, the commit of its release in *repository* gets the verdict as a commit status.

    *token* needs `statuses: write` and, for private repositories, `contents: read`. *context* is what the status is
    called; branch protection and rulesets ask for it by that name.
    """

    repository: str = field(metadata={"example": "owner/name"})
    token: Secret
    context: str | None = field(default=None, metadata={"example": "migrations/production"})
    api: str = "https://api.github.com"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        fits = self.token.given is None or _TOKEN.fullmatch(self.token.given) is not None
        insist(
            (_REPOSITORY.fullmatch(self.repository) is not None, "`repository` must be like owner/name"),
            (fits, "`token` must be one line, without spaces"),
            (
                self.context is None or _CONTEXT.fullmatch(self.context) is not None,
                "`context` must be 1 to 100 characters on one line",
            ),
            (keeps_secrets(self.api), "`api` must be like https://github.example.com/api/v3"),
        )
