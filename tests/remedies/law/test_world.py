"""Whether the catalog shows that statements did not run."""

from collections.abc import Collection

import pytest

from tests.remedies.law.corpus import Line
from tests.remedies.law.world import shows_what_lacks, shows_what_ran

WHILE = ('CREATE TABLE "While1" AS SELECT 1;', "UPDATE a SET b = 1;", 'DROP TABLE "While1";')
OFF = ("ALTER TABLE a DISABLE TRIGGER USER;", "UPDATE a SET b = 1;", "ALTER TABLE a ENABLE TRIGGER USER;")
ONE_OFF = tuple(each.replace("USER", '"G"') for each in OFF)
ALWAYS = ('ALTER TABLE a ENABLE ALWAYS TRIGGER "G";',)
KEPT = ("CREATE TABLE c (id int);", "INSERT INTO c VALUES (1);", "GRANT SELECT ON c TO d;")


@pytest.mark.parametrize(
    ("scripts", "missing", "shows"),
    [
        pytest.param(WHILE, {0, 1, 2}, False, id="all of what exists for a while"),
        pytest.param(WHILE, {2}, True, id="only its end"),
        pytest.param(WHILE, {0}, False, id="only its beginning: the end took away another one"),
        pytest.param(OFF, {0, 2}, False, id="a trigger off and on"),
        pytest.param(OFF, {2}, True, id="a trigger left off"),
        pytest.param(OFF, {0, 1}, False, id="a trigger that is on as it was before"),
        pytest.param(ONE_OFF, {0, 1, 2}, False, id="one trigger off and on"),
        pytest.param((*ONE_OFF, *ALWAYS), {3}, True, id="a trigger that is not always on"),
        pytest.param(KEPT, {1, 2}, False, id="rows and rights"),
        pytest.param(KEPT, {0}, True, id="a table"),
        pytest.param((*WHILE, *KEPT), {0, 2, 3}, True, id="a table beside"),
    ],
)
def test_what_the_catalog_shows(scripts: tuple[str, ...], missing: Collection[int], shows: bool) -> None:
    assert shows_what_lacks([Line(each) for each in scripts], missing) is shows


@pytest.mark.parametrize(
    ("ran", "shows"),
    [
        pytest.param(WHILE, False, id="all of what exists for a while"),
        pytest.param(WHILE[:2], True, id="it exists still"),
        pytest.param(OFF, False, id="a trigger off and on"),
        pytest.param(OFF[:1], True, id="a trigger left off"),
        pytest.param(OFF[2:], False, id="a trigger that is on as it was before"),
        pytest.param(KEPT[1:], False, id="rows and rights"),
        pytest.param((*WHILE, *KEPT), True, id="a table beside"),
    ],
)
def test_what_the_catalog_shows_of_what_ran(ran: tuple[str, ...], shows: bool) -> None:
    assert shows_what_ran([Line(each) for each in ran]) is shows
