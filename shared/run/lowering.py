"""Prisma's own lowering of a ``schema.prisma`` at hand, while everything else is read."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ..gather.attempt import InBackground
from ..gather.prisma_cli import LONGEST, lowered, with_lowered
from ..model.knowledge import Unavailable
from ..model.release import Release


class Lowering:
    """Prisma at work on *schema*, a file or the folder of several."""

    def __init__(self, schema: Path, environ: Mapping[str, str]) -> None:
        self._reading = InBackground(partial(lowered, schema, environ))

    def put_into(self, release: Release | Unavailable) -> Release | Unavailable:
        """*release* with what Prisma made, in place of its own ``schema.sql``, or with why that is not known."""
        return with_lowered(release, self._reading.within(2 * LONGEST).fact)
