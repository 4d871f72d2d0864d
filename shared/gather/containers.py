"""The containers of an app's revision: which of them is the app itself, and no sidecar."""

from typing import Any

from shared.gather.arm import objects_at


def containers_of(revision: object) -> list[dict[str, Any]]:
    """Give the containers that stand in the properties of a revision."""
    return objects_at(revision, "template", "containers")


def knowing(containers: list[dict[str, Any]], variable: str) -> list[dict[str, Any]]:
    """Give those of *containers* that know the database: that have an environment *variable* of that name."""
    return [each for each in containers if variable_of(each, variable) is not None]


def variable_of(container: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((each for each in objects_at(container, "env") if each.get("name") == name), None)
