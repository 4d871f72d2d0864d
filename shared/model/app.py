"""What the application that uses the database must be like, as a Container App."""

from dataclasses import dataclass, field
from typing import ClassVar

from shared.model.azure import CONTAINER_APP, is_resource_id, resource_id_example
from shared.model.setting_types import STRICT, insist


@dataclass(frozen=True, slots=True)
class AppExpectation:
    """The app's *resource_id*, and what is expected of it."""

    resource_id: str = field(metadata={"example": resource_id_example(CONTAINER_APP)})
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (
                is_resource_id(self.resource_id, CONTAINER_APP),
                f"`resource_id` must be like /subscriptions/…/{CONTAINER_APP}/…",
            )
        )
