"""What the Azure Database for PostgreSQL flexible server must be like."""

from dataclasses import dataclass, field
from typing import ClassVar

from shared.model.azure import FLEXIBLE_SERVER, is_resource_id, resource_id_example
from shared.model.setting_types import STRICT, insist


@dataclass(frozen=True, slots=True)
class ServerExpectation:
    """The server's *resource_id*, and what is expected of it."""

    resource_id: str = field(metadata={"example": resource_id_example(FLEXIBLE_SERVER)})
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (
                is_resource_id(self.resource_id, FLEXIBLE_SERVER),
                f"`resource_id` must be like /subscriptions/…/{FLEXIBLE_SERVER}/…",
            )
        )
