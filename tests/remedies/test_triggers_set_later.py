"""Triggers that a migration sets one by one, where another one has set all triggers of the table."""

import pytest

from shared.remedies import commands
from tests.diagnose.test_schema import ran
from tests.remedies.test_replaced_later import RECORDED, TABLE, first_way, found, psql

WRITE, ON_A = "UPDATE a SET x = 1;", "ALTER TABLE a {} TRIGGER {};"
TOUCH = "CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
CALLING = "CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION h();"
MADE = f"{TOUCH} {CALLING}"


@pytest.mark.parametrize("which", ["USER", "ALL"])
@pytest.mark.parametrize(
    ("state", "is_left"),
    [
        pytest.param("ENABLE ALWAYS", True, id="always"),
        pytest.param("ENABLE REPLICA", True, id="on replicas"),
        pytest.param("DISABLE", True, id="off"),
        pytest.param("ENABLE", False, id="as all are then"),
    ],
)
def test_triggers_that_a_later_one_set_are_not_set_back(which: str, state: str, is_left: bool) -> None:
    earlier = f"{ON_A.format('DISABLE', which)} {WRITE} {ON_A.format('ENABLE', which)}"
    later = f"{MADE} {ON_A.format(state, 'g')}"
    findings = found(earlier, later, [later], ran("3", later))
    assert commands.DEPLOY not in first_way(findings, "2")
    (finding,) = (each for each in findings if each.subject == "2" and each.code == "migration-skipped")
    by_hand = [step.text for step in finding.remedy if "by hand what is left of it" in step.text]
    assert len(by_hand) == (3 if is_left else 0), "the write must not run without the lines around it"
    assert any(WRITE in (step.command or "") for step in finding.remedy) is not is_left


@pytest.mark.parametrize("which", ["USER", "ALL"])
@pytest.mark.parametrize(
    ("earlier", "later", "printed", "left"),
    [
        pytest.param("ENABLE ALWAYS", ["DISABLE", "ENABLE"], [psql(TOUCH, CALLING)], 0, id="always, then off and on"),
        pytest.param("DISABLE", ["ENABLE"], [psql(TOUCH, CALLING)], 0, id="off, then on"),
        pytest.param("", ["DISABLE", "ENABLE"], [commands.DEPLOY], 0, id="on as before"),
        pytest.param("", ["DISABLE"], [psql(TOUCH)], 1, id="off"),
        pytest.param("ENABLE ALWAYS", ["DISABLE"], [psql(TOUCH), psql(ON_A.format("ENABLE ALWAYS", "g"))], 1, id="always, then off"),
    ],
)  # fmt: skip
def test_a_trigger_gets_what_a_later_one_set_for_all_without_it(
    which: str, earlier: str, later: list[str], printed: list[str], left: int
) -> None:
    """The later one ran while the trigger was missing. In a clean database it sets that as well."""
    first = f"{MADE} {ON_A.format(earlier, 'g') if earlier else ''}"
    second = f"{TABLE} {' '.join(ON_A.format(each, which) for each in later)}"
    findings = found(first, second, [second], ran("3", second))
    assert first_way(findings, "2") == [*printed, *([] if printed == [commands.DEPLOY] else RECORDED)]
    (finding,) = (each for each in findings if each.subject == "2" and each.code == "migration-skipped")
    assert sum("by hand what is left of it" in step.text for step in finding.remedy) == left
