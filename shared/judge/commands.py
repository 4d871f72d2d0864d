"""The commands that remedies are made of, framed as the target's settings ask."""

from collections.abc import Iterable
from shlex import quote

from shared.model.finding import Step
from shared.model.settings import RemedySettings

DEPLOY = "npx prisma migrate deploy"
SEED = "npx prisma db seed"


def resolve_applied(name: str) -> str:
    return f"npx prisma migrate resolve --applied {quote(name)}"


def resolve_rolled_back(name: str) -> str:
    return f"npx prisma migrate resolve --rolled-back {quote(name)}"


def terminate(pid: int) -> str:
    return f"SELECT pg_terminate_backend({pid});"


def framed(settings: RemedySettings, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Put in front what the settings say must come first: the folder to stand in, the URL, a firewall rule."""
    preparation = [f"cd {quote(settings.folder)}"] if settings.folder else []
    preparation += settings.before
    if not preparation:
        return tuple(steps)
    return Step("In a checkout of the release, prepare the shell.", "\n".join(preparation)), *steps
