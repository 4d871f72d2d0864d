"""An app's revisions and their containers: which of these is the app itself, and no sidecar."""

from typing import Any

from .arm import Arm, objects_at

# What it takes to read an app and its revisions.
NEEDED = "the role Reader on the app"


def revisions_of(app: str, api_version: str, arm: Arm) -> list[dict[str, Any]]:
    """Give the revisions of *app*, a resource id; raises `GatherError`."""
    return arm.get_all(f"{app}/revisions", api_version, f"the revisions of {app.rpartition('/')[2]}", NEEDED)


def containers_of(revision: object) -> list[dict[str, Any]]:
    """Give the containers that stand in the properties of a revision."""
    return objects_at(revision, "template", "containers")


def knowing(containers: list[dict[str, Any]], variable: str) -> list[dict[str, Any]]:
    """Give those of *containers* that know the database: that have an environment *variable* of that name."""
    return [each for each in containers if variable_of(each, variable) is not None]


def variable_of(container: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((each for each in objects_at(container, "env") if each.get("name") == name), None)
