"""Commands that fix resources in Azure, with options that every version of its CLI takes.

A resource is named by its whole id where a command takes one. Azure's CLI renamed the arguments of its
firewall rules in 2026, and its command for parameters takes no id of a server.
"""

from datetime import datetime
from shlex import quote

from ..model.value import dataclass


@dataclass(frozen=True, slots=True)
class _Named:
    subscription: str
    group: str
    name: str

    @classmethod
    def of(cls, resource_id: str) -> "_Named":
        _, _, subscription, _, group, *_, name = resource_id.split("/")
        return cls(quote(subscription), quote(group), quote(name))


def delete(resource_id: str) -> str:
    return f"az resource delete --ids {quote(resource_id)}"


def start_server(resource_id: str) -> str:
    return f"az postgres flexible-server start --ids {quote(resource_id)}"


def start_app(resource_id: str) -> str:
    return f"az resource invoke-action --action start --ids {quote(resource_id)}"


def update_server(resource_id: str, option: str, value: str) -> str:
    return f"az postgres flexible-server update --ids {quote(resource_id)} {option} {quote(value)}"


def restore_server(resource_id: str, moment: datetime) -> str:
    """Restore it as it was at *moment*, as a new server: nothing of the old one changes."""
    server = _Named.of(resource_id)
    return (
        f"az postgres flexible-server restore --subscription {server.subscription} --resource-group {server.group} "
        f"--name {server.name}-restored --source-server {quote(resource_id)} "
        f"--restore-time {moment:%Y-%m-%dT%H:%M:%SZ}"
    )


def set_parameter(resource_id: str, name: str, value: str) -> str:
    return f"{_parameter('set', resource_id, name)} --value {quote(value)}"


def allow_extension(resource_id: str, extension: str) -> str:
    """Add *extension* to the server's allow-list, which is one value: what it has goes in front."""
    name = "azure.extensions"
    present = f"$({_parameter('show', resource_id, name)} --query value --output tsv)"
    # An empty list has no comma.
    setting = f'{_parameter("set", resource_id, name)} --value "${{allowed:+$allowed,}}"{quote(extension)}'
    return f'allowed="{present}"\n{setting}'


def preload_library(resource_id: str, library: str) -> str:
    """Add *library* to those that the server loads when it starts, and restart it."""
    name = "shared_preload_libraries"
    present = f"$({_parameter('show', resource_id, name)} --query value --output tsv)"
    setting = f'{_parameter("set", resource_id, name)} --value "${{loaded:+$loaded,}}"{quote(library)}'
    restart = f"az postgres flexible-server restart --ids {quote(resource_id)}"
    return f'loaded="{present}"\n{setting}\n{restart}'


def _parameter(verb: str, resource_id: str, name: str) -> str:
    server = _Named.of(resource_id)
    return (
        f"az postgres flexible-server parameter {verb} --subscription {server.subscription} "
        f"--resource-group {server.group} --server-name {server.name} --name {quote(name)}"
    )


def revisions(resource_id: str) -> str:
    app = _Named.of(resource_id)
    return (
        f"az containerapp revision list --subscription {app.subscription} --resource-group {app.group} "
        f"--name {app.name} --all --output table"
    )


def logs(resource_id: str, revision: str) -> str:
    app = _Named.of(resource_id)
    return (
        f"az containerapp logs show --subscription {app.subscription} --resource-group {app.group} "
        f"--name {app.name} --revision {quote(revision)} --type system --tail 50"
    )
