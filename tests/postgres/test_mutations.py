"""Nothing unseen: every kind of change made by hand is one finding, the right one; and what mends it, mends it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.model.schema import Schema
from shared.postgres.difference import Difference, differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema

HERE = Path(__file__).parent
RICH = (HERE / "rich.sql").read_text()
_HEADING = re.compile(
    r"^-- (?P<what>.+): (?P<finding>nothing|(?:missing|unexpected|changed) .+?)(?: \((?P<attributes>[a-z_0-9, ]+)\))?$",
    re.MULTILINE,
)


def mutations() -> Iterator[Any]:
    """What, its SQL, its finding and the attributes in which it shows, from mutations.sql."""
    text = (HERE / "mutations.sql").read_text()
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        finding = [] if heading["finding"] == "nothing" else [heading["finding"]]
        attributes = set(heading["attributes"].split(", ")) if heading["attributes"] else set()
        yield pytest.param(text[heading.end() : end], finding, attributes, id=heading["what"])


@pytest.fixture(scope="module")
def release() -> Schema:
    replay = Replay()
    replay.run_all(parse(RICH))
    return replay.freeze()


@pytest.fixture(scope="module")
def template(new_database: Callable[..., str]) -> str:
    """The name of a database that ran the release."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(RICH.encode())
    return url.rpartition("/")[2]


@pytest.fixture
def production(template: str, new_database: Callable[..., str]) -> str:
    return new_database(template)


def differences_after(by_hand: str, release: Schema, url: str) -> list[Difference]:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in parse(by_hand):
            connection.execute(statement.sql.encode())
        return differences(release, live_schema(connection))


def test_no_change_is_no_finding(release: Schema, production: str) -> None:
    assert differences_after("", release, production) == []
    assert not release.opaque


@pytest.mark.parametrize(("by_hand", "finding", "attributes"), list(mutations()))
def test_one_change_is_one_finding_and_what_mends_it_mends_it(
    by_hand: str,
    finding: list[str],
    attributes: set[str],
    release: Schema,
    production: str,
    template: str,
    new_database: Callable[..., str],
) -> None:
    found = differences_after(by_hand, release, production)
    assert [f"{each.change} {each.subject}" for each in found] == finding
    for difference in found:
        assert set(difference.attributes) == attributes
        assert difference.expected != difference.actual
        if difference.corrective:
            corrective = "\n".join(difference.corrective)
            assert differences_after(corrective, release, production) == []
            assert differences_after(corrective, release, new_database(template)) == [], "right without drift, too"
