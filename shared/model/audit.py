"""Who changed the schema, as far as a log of the server's statements says it."""

from dataclasses import field
from datetime import datetime
from typing import ClassVar

from .azure import WORKSPACE, is_resource_id, resource_id_example
from .setting_types import STRICT, insist
from .value import dataclass


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """The server's log in Log Analytics is read for the statements that changed a schema.

    It is asked for by the server's own id, for which the right to read the server is enough; by *workspace* only where
    the workspace's access mode forbids that.
    """

    workspace: str | None = field(default=None, metadata={"example": resource_id_example(WORKSPACE)})
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (
                self.workspace is None or is_resource_id(self.workspace, WORKSPACE),
                f"`workspace` must be like /subscriptions/…/{WORKSPACE}/…",
            )
        )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the server writes into its log: *statement* as ``log_statement``, *audit* as ``pgaudit.log``, and how.

    *prefix* is ``log_line_prefix``.
    """

    statement: str
    audit: str
    prefix: str

    @property
    def keeps_ddl(self) -> bool:
        audited = {each.strip().casefold() for each in self.audit.split(",")}
        return self.statement in {"ddl", "mod", "all"} or ("-ddl" not in audited and bool(audited & {"ddl", "all"}))


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LoggedStatement:
    """A statement that *role* sent, with its literals; the role is None where the log does not say it."""

    at: datetime
    role: str | None
    sql: str
