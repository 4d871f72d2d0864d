"""Our `dataclass` beside the standard library's: the same class made by both behaves alike."""

import copy
import dataclasses
import importlib
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

import shared
from shared.alerts.decide.forms import TooSoonError
from shared.alerts.delivery.error import DeliveryError
from shared.azure.error import AzureError
from shared.entrypoints.http.verify_request import BadRequestError
from shared.gather.attempt import GatherError
from shared.model import value
from shared.model.knowledge import NotKnownError, Unavailable
from shared.model.mistake import Mistake, SettingsError
from shared.net.client import NoAnswerError
from shared.postgres.library import RefusedError
from shared.postgres.parse import ParseError
from shared.postgres.scanning import UnterminatedError

MAKERS = (value.dataclass, dataclasses.dataclass)
Maker = Callable[..., Callable[[type], Any]]


def classes(made_by: Maker) -> tuple[Any, Any, Any]:
    class Base:
        hangs_on: tuple[str, ...] = dataclasses.field(default=(), compare=False, kw_only=True)

    base = made_by(frozen=True, slots=True)(Base)

    class Column(base):  # type: ignore[valid-type,misc]  # made just now
        """A column."""

        name: str
        secret: str = dataclasses.field(repr=False)
        labels: dict[str, int] = dataclasses.field(default_factory=dict)
        nullable: bool = True

        def __post_init__(self) -> None:
            if not self.name:
                raise ValueError("no name")

    class Open:
        items: list[int] = dataclasses.field(default_factory=list)
        count: int = dataclasses.field(init=False, default=0)
        seen: set[int] = dataclasses.field(init=False, default_factory=set, compare=False)
        later: int = dataclasses.field(init=False, compare=False, repr=False)

    return base, made_by(frozen=True, slots=True)(Column), made_by(slots=True)(Open)


@pytest.fixture(params=MAKERS, ids=["ours", "the library's"])
def made(request: pytest.FixtureRequest) -> tuple[Any, Any, Any]:
    return classes(request.param)


def test_takes_what_it_is_given_and_its_defaults(made: tuple[Any, Any, Any]) -> None:
    _, column, _ = made
    one = column("id", "s", {"a": 1}, hangs_on=("t",))
    assert (one.name, one.secret, one.labels, one.nullable, one.hangs_on) == ("id", "s", {"a": 1}, True, ("t",))
    assert column("id", secret="s").labels == {}
    assert column("a", "s").labels is not column("b", "s").labels
    assert column.__match_args__ == ("name", "secret", "labels", "nullable")
    assert [each.name for each in dataclasses.fields(column)] == ["hangs_on", "name", "secret", "labels", "nullable"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param((), {}, id="too little"),
        pytest.param(("id", "s", {}, True, ("t",)), {}, id="by place what goes by name only"),
        pytest.param(("id", "s"), {"colour": 1}, id="an unknown field"),
    ],
)
def test_refuses_what_does_not_fit(made: tuple[Any, Any, Any], given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for _ in range(2):  # the first value writes the method
        with pytest.raises(TypeError, match=r"Column\.__init__\(\)"):
            made[1](*given, **named)


def test_is_checked_when_it_is_made(made: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ValueError, match="no name"):
        made[1]("", "s")


def test_equals_what_has_the_same_values_and_the_same_class(made: tuple[Any, Any, Any]) -> None:
    base, column, _ = made
    one = column("id", "s", hangs_on=("t",))
    assert one == column("id", "s")  # what it hangs on is not compared
    assert one != column("id", "other")
    assert one != base()
    assert base() == base(hangs_on=("t",))
    assert len({base(), base(hangs_on=("t",))}) == 1
    assert one.__eq__(1) is NotImplemented


def test_shows_itself_without_what_is_secret(made: tuple[Any, Any, Any]) -> None:
    name = made[1].__qualname__
    assert repr(made[1]("id", "s")) == f"{name}(hangs_on=(), name='id', labels={{}}, nullable=True)"


def test_is_frozen_and_holds_nothing_else(made: tuple[Any, Any, Any]) -> None:
    one = made[1]("id", "s")
    for name in ("name", "other"):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            setattr(one, name, "x")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
        del one.name
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize("replace", [value.replace, dataclasses.replace], ids=["ours", "the library's"])
def test_is_copied_with_changes(made: tuple[Any, Any, Any], replace: Callable[..., Any]) -> None:
    base, column, open_ = made
    one = column("id", "s", {"a": 1}, nullable=False, hangs_on=("t",))
    for _ in range(2):  # the first one writes the function
        copied = replace(one, name="key")
        assert (copied.name, copied.secret, copied.labels, copied.nullable) == ("key", "s", {"a": 1}, False)
        assert (copied.hangs_on, type(copied), one.name) == (("t",), column, "id")
        assert replace(one, hangs_on=()).hangs_on == ()
        assert replace(base(hangs_on=("t",))).hangs_on == ("t",)
        with pytest.raises(ValueError, match="no name"):
            replace(one, name="")
        with pytest.raises(TypeError):
            replace(one, colour=1)
        changed = open_([1])
        changed.count = 5
        assert (replace(changed).items, replace(changed).count) == ([1], 0)  # what no `__init__` takes is not copied
        with pytest.raises((TypeError, ValueError)):
            replace(changed, count=1)


def test_may_be_left_open(made: tuple[Any, Any, Any]) -> None:
    one = made[2]()
    one.items = [1]
    assert one == made[2]([1])
    assert (one.count, one.seen, hasattr(one, "later")) == (0, set(), False)
    assert one.seen is not made[2]().seen
    with pytest.raises(TypeError):
        made[2]([1], 1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_keeps_the_words_of_the_class() -> None:
    @value.dataclass(frozen=True, slots=True)
    class Named:
        name: str

        def __repr__(self) -> str:
            return self.name

    assert repr(Named("me")) == "me"
    assert hash(Named("me")) == hash(Named("me"))


COPIES = [
    pytest.param(copy.copy, id="copy"),
    pytest.param(copy.deepcopy, id="deepcopy"),
    *(
        pytest.param(lambda one, protocol=protocol: pickle.loads(pickle.dumps(one, protocol)), id=f"pickle {protocol}")
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ),
]


def value_classes() -> Iterator[Any]:
    for found in pkgutil.walk_packages(shared.__path__, "shared."):
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__ == found.name:
                yield each


def errors() -> Iterator[Exception]:
    """One of each class of ours that takes more than a text."""
    unavailable, mistake = Unavailable("it is down"), Mistake("monitor.toml", "target", "is missing", 3)
    given: dict[str, Exception] = {
        "AzureError": AzureError("no", lasting=True),
        "BadRequestError": BadRequestError("phase", "is unknown"),
        "DeliveryError": DeliveryError("no", passing=True, retry_after=3.0),
        "GatherError": GatherError("no", lasting=True, server="db"),
        "NoAnswerError": NoAnswerError("no", lasting=True),
        "NotKnownError": NotKnownError(unavailable),
        "ParseError": ParseError("syntax error", 4, "SELCT"),
        "RefusedError": RefusedError("syntax error", 3),
        "SettingsError": SettingsError([mistake]),
        "TooSoonError": TooSoonError(timedelta(seconds=3)),
        "UnterminatedError": UnterminatedError("unterminated comment", 4),
    }
    for found in pkgutil.walk_packages(shared.__path__, "shared."):
        for name, each in vars(importlib.import_module(found.name)).items():
            is_own = isinstance(each, type) and issubclass(each, Exception) and each.__module__ == found.name
            if is_own and "__init__" in vars(each):
                yield given[name]


@pytest.mark.parametrize("copied", COPIES)
def test_every_error_can_be_copied(copied: Callable[[object], object]) -> None:
    found = list(errors())
    assert len(found) > 10
    for each in found:
        other = copied(each)
        assert type(other) is type(each)
        assert (str(other), vars(other)) == (str(each), vars(each))


@pytest.mark.parametrize("copied", COPIES)
def test_every_value_can_be_copied(copied: Callable[[object], object]) -> None:
    classes = list(value_classes())
    assert len(classes) > 150
    for each in classes:
        one = each.__new__(each)
        filled = [(field.name, (field.name, MappingProxyType({"a": [1]}))) for field in dataclasses.fields(each)]
        for name, content in filled:
            getattr(each, name).__set__(one, content)  # its slot: no value of every class can be made of made-up parts
        other = copied(one)
        assert type(other) is each
        assert other is not one
        assert [(name, getattr(other, name)) for name, _ in filled] == filled


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_lacks_what_the_original_lacks(copied: Callable[[object], object]) -> None:
    one = Open()
    other = copied(one)
    assert (other == one, hasattr(other, "later")) == (True, False)


@value.dataclass(slots=True)
class Open:
    count: int = 0
    later: int = dataclasses.field(init=False, compare=False, repr=False)
