"""The check that docs/extend.md shows does what it says, and so does its test."""

import sys
from types import ModuleType
from typing import Any

import pytest

from shared.checks.registry import Check, run_check
from shared.model.diagnosis import Comparison, Diagnosis
from shared.model.knowledge import Unavailable
from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import facts, reading, release
from tests.docs.pages import HOME, blocks

CHECK, ITS_TEST = (block.text for block in blocks(HOME / "docs" / "extend.md") if block.language == "python")


def run(code: str, name: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": name, "__package__": name.rpartition(".")[0]}
    exec(compile(code, "docs/extend.md", "exec"), names)
    return names


def example() -> Check:
    return Check("keys", "database", run(CHECK, "shared.checks.keys")["check_keys"])


def made_by(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


def found(diagnosis: Diagnosis | Unavailable) -> tuple[list[str], bool]:
    outcome = run_check(example(), facts(release("1"), reading()), diagnosis)
    return [each.key for each in outcome.findings], outcome.unknown is not None


def test_the_check_of_the_page_finds_a_table_without_a_key_and_no_other() -> None:
    schema = made_by("CREATE TABLE a (id int); CREATE TABLE b (id int PRIMARY KEY); CREATE VIEW c AS SELECT 1 AS one;")
    assert found(Diagnosis((), None, Comparison(schema, schema, ()))) == (["key-missing:public.a"], False)


def test_without_a_diagnosis_it_is_unknown() -> None:
    assert found(Unavailable("the server is down")) == ([], True)


def functions_with(check: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    module = ModuleType("shared.checks.keys")
    vars(module).update(run(check, module.__name__))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = run(ITS_TEST, "tests.checks.test_keys")
    return {name: value for name, value in names.items() if name.startswith("test_")}


def test_the_test_of_the_page_passes_with_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = functions_with(CHECK, monkeypatch)
    assert len(tests) == 2
    for each in tests.values():
        each()


@pytest.mark.parametrize(
    ("right", "wrong"), [("not in keyed", "in keyed"), ("if table.relation not in keyed", "if True")]
)
def test_the_test_of_the_page_fails_with_a_check_that_is_wrong(
    right: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CHECK.count(right) == 1
    tests = functions_with(CHECK.replace(right, wrong), monkeypatch)

    def all_of_them() -> None:
        for each in tests.values():
            each()

    with pytest.raises(AssertionError):
        all_of_them()
