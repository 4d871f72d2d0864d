"""The PostgreSQL servers of docker compose files, so that a URL of theirs is understood. Pure."""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from ..model.value import dataclass

COMPOSE_FILES = (
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "docker-compose.dev.yml",
    "docker-compose.dev.yaml",
)  # fmt: skip
# The parser goes as deep as what it reads.
MOST_BYTES = 64 * 1024
# The parser takes the longer the more brackets are open.
_MOST_OPEN = 50
_IMAGES = ("postgres", "postgis", "pgvector", "timescale", "supabase/")
_PUBLISHED = re.compile(r"(?:.*:)?(?:\$\{\w+:?-)?(\d{1,5})\}?:5432(?:/tcp)?")


@dataclass(frozen=True, slots=True)
class PostgresService:
    """A *service* of a compose file; *port* is the one that this machine's own reaches it by, None for none."""

    service: str
    image: str
    port: int | None


def postgres_services(text: str) -> list[PostgresService]:
    """Give them in the order of the file; none where it is no YAML."""
    import yaml  # noqa: PLC0415  # only `init` needs it

    if max(accumulate((each in "[{") - (each in "]}") for each in text), default=0) > _MOST_OPEN:
        return []
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return []
    services = document.get("services") if isinstance(document, dict) else None
    return list(_services(services)) if isinstance(services, dict) else []


def _services(services: dict[Any, Any]) -> Iterator[PostgresService]:
    for name, service in services.items():
        image = service.get("image") if isinstance(service, dict) else None
        if isinstance(name, str) and isinstance(image, str) and any(each in image for each in _IMAGES):
            yield PostgresService(name, image, _published(service.get("ports")))


def _published(ports: Any) -> int | None:
    for port in ports if isinstance(ports, list) else []:
        if isinstance(port, dict) and str(port.get("target")) == "5432" and str(port.get("published")).isdecimal():
            return int(port["published"])
        if isinstance(port, str) and (match := _PUBLISHED.fullmatch(port)):
            return int(match[1])
    return None
