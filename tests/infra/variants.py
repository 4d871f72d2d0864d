"""Each documented way to deploy, as the compiler evaluates it: which resources there would be, with which properties.

A variant is a parameter file of ``variants/``, its snapshot beside it. `make check-infra` holds the snapshots current, and
`make variants` writes them again.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

APP = Path(__file__).parents[2]
INFRA = APP / "infra"
VARIANTS = sorted(path.stem for path in (Path(__file__).parent / "variants").glob("*.bicepparam"))
IDENTITY = "the monitor"


@dataclass(frozen=True)
class Role:
    """What *principal* may do: *definition* is a built-in role's id or that of a role made here, on *scope*."""

    definition: str
    scope: str
    principal: str
    kind: str


class Variant:
    def __init__(self, name: str) -> None:
        snapshot = json.loads((Path(__file__).parent / "variants" / f"{name}.snapshot.json").read_text())
        self.resources: list[Any] = snapshot["predictedResources"]
        self.diagnostics: list[Any] = snapshot["diagnostics"]
        self.outputs: dict[str, str] = snapshot["outputs"]

    def of(self, kind: str) -> list[Any]:
        """Give the resources of a type, ``Microsoft.Web/sites``."""
        return [resource for resource in self.resources if resource["type"] == kind]

    def settings(self) -> dict[str, str]:
        """Give each app setting's name with its value; what only a deployment knows is a ``[reference(…)]``."""
        (app,) = self.of("Microsoft.Web/sites")
        return {each["name"]: each["value"] for each in app["properties"]["siteConfig"]["appSettings"]}

    def roles(self) -> Iterator[Role]:
        for resource in self.of("Microsoft.Authorization/roleAssignments"):
            granted = resource["properties"]
            (identity,) = self.of("Microsoft.ManagedIdentity/userAssignedIdentities")
            is_ours = (
                granted["principalId"] == f"[reference('{identity['id']}', '{identity['apiVersion']}').principalId]"
            )
            yield Role(
                granted["roleDefinitionId"].rsplit("/", 1)[1],
                _scope(resource["id"]),
                IDENTITY if is_ours else granted["principalId"],
                granted["principalType"],
            )


@cache
def variant(name: str) -> Variant:
    """All share it: nobody changes it."""
    return Variant(name)


def _scope(assignment: str) -> str:
    """Give the last two parts of what a role is granted on: ``storageAccounts/NAME``."""
    named = re.match(r"\[extensionResourceId\('([^']+)'", assignment)
    scope = named[1] if named else assignment.split("/providers/Microsoft.Authorization/", maxsplit=1)[0]
    return "/".join(scope.split("/")[-2:])
