"""What scripts make, from an empty schema on, kept from run to run: a worker checks the same release every hour.

Most of the time all of it is applied, so that this is what production is compared with.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..model.question import Answer, Answers, Question
from ..model.release import Release
from ..model.schema import Schema
from ..postgres.progress import Script, follow
from .kept import keep
from .replays import replayed_once
from .scripts import UnparsedScript, hashable

NOTHING: Mapping[str, str] = MappingProxyType({})
_Key = tuple[tuple[UnparsedScript, ...], str, tuple[tuple[Question, Answer], ...]]
_MOST_KEPT = 4
_kept: dict[_Key, Schema] = {}


def made_by(scripts: tuple[UnparsedScript, ...], schema: str, answers: Answers) -> Schema:
    """Give what *scripts* make in the watched *schema*. Raises NotKnownError where one cannot be parsed."""
    key = scripts, schema, hashable(answers)
    made = _kept.get(key)
    if made is None:
        made = follow([Script(each) for each in scripts], Schema({}), schema, answers, replayed_once).expected
        keep(_kept, key, made, _MOST_KEPT)
    return made


def made_before(release: Release, schema: str, answers: Answers) -> Schema | None:
    """Give what all of *release* makes, where that was found out or given before."""
    return _kept.get((scripts_of(release), schema, hashable(answers)))


def give(release: Release, schema: str, answers: Answers, made: Schema) -> None:
    """Spare finding out what all of *release* makes, since it is *made*."""
    keep(_kept, (scripts_of(release), schema, hashable(answers)), made, _MOST_KEPT)


def scripts_of(release: Release, not_read: Mapping[str, str] = NOTHING) -> tuple[UnparsedScript, ...]:
    scripts = ((each.name, each.script) for each in release.migrations if each.script is not None)
    return named(scripts, not_read)


def named(scripts: Iterable[tuple[str, bytes]], not_read: Mapping[str, str]) -> tuple[UnparsedScript, ...]:
    return tuple(UnparsedScript(name, script, not_read.get(name)) for name, script in scripts)
