"""The shape of the settings file."""

from dataclasses import MISSING, field, fields, make_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Optional, get_type_hints

from ..alerts.channels import KINDS, channel_class
from ..model.alerts import AlertSettings, Channel
from ..model.setting_types import STRICT, insist, toml_key
from ..model.settings import AzureSettings, MemorySettings, Target
from ..model.value import dataclass

_CLASSES = {kind: channel_class(kind) for kind in KINDS}


def channel_of(table: Any) -> Channel:
    """Give the channel that a `ChannelTable` describes; raises ValueError with the rules that it breaks."""
    shape = _CLASSES[table.kind]
    given = {each.name: value for each in fields(table) if (value := getattr(table, each.name)) is not None}
    kind = given.pop("kind")
    known = {each.name: each for each in fields(shape)}
    wrong = [f"`{toml_key(name)}` belongs to {_kinds_with(name)}" for name in given if name not in known]
    lacking = [name for name, each in known.items() if _is_required(each) and name not in given]
    wrong += [f"`{toml_key(name)}` is missing: {_article(kind)} channel needs it" for name in lacking]
    if not lacking:
        try:
            channel = shape(**{name: value for name, value in given.items() if name in known})
        except ValueError as error:
            wrong += str(error).splitlines()
    insist(*((False, sentence) for sentence in wrong))
    return channel


def _kinds_with(name: str) -> str:
    kinds = [kind for kind, shape in _CLASSES.items() if name in {each.name for each in fields(shape)}]
    return f"{' or '.join(filter(None, [', '.join(kinds[:-1]), kinds[-1]]))} channels"


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _is_required(each: Any) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _channel_table() -> type:
    """Make the table of ``[[alerts.channel]]``: the keys of all kinds.

    The keys of one kind have no default here: what is not given is left to the kind.
    """
    common = [each.name for each in fields(Channel)]
    made: dict[str, tuple[Any, Any]] = {}
    shapes: tuple[type[Channel], ...] = (Channel, *_CLASSES.values())
    for shape in shapes:
        hints = get_type_hints(shape, include_extras=True)
        for each in fields(shape):
            if each.name in common:
                made[each.name] = (hints[each.name], field(default=each.default))
            else:
                made[each.name] = (Optional[hints[each.name]], field(default=None, metadata=each.metadata))  # noqa: UP045  # of a value
    name, *others = made.items()
    keys = [name, ("kind", (Literal[KINDS], field())), *others]
    return make_dataclass(
        "ChannelTable",
        [(key, hint, made) for key, (hint, made) in keys],
        namespace={"__post_init__": channel_of, "__pydantic_config__": STRICT},
        frozen=True,
        slots=True,
    )


if TYPE_CHECKING:
    ChannelTable = Channel
else:
    ChannelTable = _channel_table()


@dataclass(frozen=True, slots=True)
class AlertTable(AlertSettings):
    channels: tuple[ChannelTable, ...] = ()
    __pydantic_config__: ClassVar = STRICT

    def alerts(self) -> AlertSettings:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return AlertSettings(**{**values, "channels": tuple(map(channel_of, self.channels))})


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """All of the file, with nothing wrong."""

    targets: tuple[Target, ...]
    alerts: AlertTable = field(default_factory=AlertTable)
    memory: MemorySettings = MemorySettings()
    azure: AzureSettings = AzureSettings()
    __pydantic_config__: ClassVar = STRICT
