"""What `init` found, in lines for people. Pure."""

import shlex
from collections.abc import Iterator

from ..report.toml import one_line
from .env_files import FoundUrl
from .project import Project

_MOST_LISTED = 8


def found_lines(project: Project, url: FoundUrl | None) -> Iterator[tuple[str, str]]:
    yield "migrations", f"{project.migrations.path} ({project.migrations.count})"
    if project.schema_files:
        more = f" and {len(project.schema_files) - 1} more files" if len(project.schema_files) > 1 else ""
        yield "schema", f"{project.schema_files[0]}{more} ({len(project.schema.tables)} models)"
    if project.version is not None:
        yield "Prisma", f"{project.version[0]} ({project.version[1]})"
    if project.seed_file is not None:
        written = ", ".join(project.written[:_MOST_LISTED]) or "no table that its text names"
        more = f" and {len(project.written) - _MOST_LISTED} more" if len(project.written) > _MOST_LISTED else ""
        yield "seed script", f"{project.seed_file} (writes to {written}{more})"
    if project.deployed_by is not None:
        yield "start", f"{project.deployed_by} runs `prisma migrate deploy`"
    for file, service in project.services[:_MOST_LISTED] if url is None else ():
        port = "reached by other containers alone" if service.port is None else f"port {service.port} of this machine"
        yield "container", f"{service.image}, service {service.service} of {file} ({port})"
    if url is not None:
        yield "database", f"{url.variable} of {url.file or 'the environment'}"
    else:
        yield "database", f"no URL: neither the environment nor a .env file sets {' or '.join(project.variables)}"


def export_line(project: Project, url: FoundUrl | None, above: str) -> str:
    """The line that sets the variable in a shell, without its value; *above* leads to the repository from here."""
    if url is None:
        return f"export {project.variables[0]}='postgresql://USER:PASSWORD@HOST:5432/DATABASE'"
    path = f"{above}/{url.file}"
    if url.is_plain and one_line(path) == path:
        return f'export {url.variable}="$(. {shlex.quote(path)}; printf %s "${url.variable}")"'
    return f"export {url.variable}='…'  # its value is in {one_line(path)}"


def hint(project: Project, host: str | None) -> str:
    """Where the *host* of a URL is, if only containers know it by that name."""
    for file, service in project.services:
        if service.service == host:
            here = f"it is localhost:{service.port}" if service.port else "it is not reached: it publishes no port"
            return f"\n{host} is a service of {file}: other containers know it by this name. From this machine {here}"
    return ""
