"""Whether a client runs on the schema of today, and on what pending migrations make of it."""

from collections.abc import Iterable

from ..model.clients import ClientEffect, Suffers
from ..model.ways_back import WayBack

# "cached plan must not change result type".
_ONCE = "0A000"


class RunsOn:
    """What a client suffers that *suffers* this much today, and goes on to follow a run.

    It does not run where an operation certainly fails. Nothing is predicted where one may fail, or certainly answers
    differently.
    """

    def __init__(self, suffers: Iterable[ClientEffect]) -> None:
        self._suffered: dict[ClientEffect, str | None] = dict.fromkeys(lasting_effects(suffers))
        self._today = tuple(self._suffered)

    def take_in(self, migration: str, begun: Iterable[ClientEffect], ended: Iterable[ClientEffect]) -> None:
        """Take in what *migration*, or one statement of it, begins and ends."""
        for effect in ended:
            self._suffered.pop(effect, None)
        for effect in lasting_effects(begun):
            self._suffered[effect] = migration

    def way_back(self, release: str | None, *, assumed: bool = False) -> WayBack:
        """Say it of the client of *release*, after all that was taken in."""
        runs_today, runs_after = _runs(self._today), _runs(self._suffered)
        in_the_way = _deciding(self._today if runs_today is False else self._suffered)
        ended_by = None
        if runs_today is not False:
            ended_by = next((by for effect, by in self._suffered.items() if _certainly_fails(effect)), None)
        return WayBack(release, runs_today, runs_after, in_the_way, ended_by, assumed=assumed)

    def without_run(self, release: str | None, because: str, *, assumed: bool = False) -> WayBack:
        """Say it where what the run makes is not known, for the reason *because*."""
        return WayBack(release, _runs(self._today), None, _deciding(self._today), because=because, assumed=assumed)


def lasting_effects(effects: Iterable[ClientEffect]) -> list[ClientEffect]:
    """Leave out what fails once for each prepared statement: a client that starts, or runs for long, is free of it."""
    return [each for each in effects if each.sqlstate != _ONCE]


def _runs(effects: Iterable[ClientEffect]) -> bool | None:
    every = list(effects)
    if any(map(_certainly_fails, every)):
        return False
    return None if any(map(_leaves_open, every)) else True


def _deciding(effects: Iterable[ClientEffect]) -> tuple[ClientEffect, ...]:
    """Those that certainly fail, else those for which nothing is predicted."""
    every = tuple(effects)
    return tuple(filter(_certainly_fails, every)) or tuple(filter(_leaves_open, every))


def _leaves_open(effect: ClientEffect) -> bool:
    return effect.outcome is not Suffers.CHANGES or effect.certain


def _certainly_fails(effect: ClientEffect) -> bool:
    return effect.certain and effect.outcome is Suffers.FAILS
