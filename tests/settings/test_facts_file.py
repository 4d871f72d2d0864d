"""The file of `plan --facts`: what was written is read again, and what is wrong is named and never repeated."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.disk import ReplicationSlot, Storage
from shared.model.knowledge import Unavailable
from shared.model.production_facts import AppliedMigration, ProductionFacts, TableFacts
from shared.model.session_limits import Limit, SessionLimits, SetFor
from shared.model.setting_types import PrismaVersion
from shared.report.production_facts import LONGEST, facts_as_document, facts_as_json
from shared.settings.facts_file import FactsFileError, read_facts_file

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
SECRET = "s3cr3t"
FACTS = ProductionFacts(
    version=1,
    target="production",
    read_at=NOW,
    schema="public",
    server_version="16.4 (Debian 16.4-1)",
    applied=(AppliedMigration("2025_init", 1.5), AppliedMigration("2025_resolved")),
    unfinished=("2025_failed",),
    catalog=f"sha256:{'a' * 64}",
    extensions=("citext",),
    tables=(TableFacts("public", 'odd "name"', 8192, 12, 16384, 1, 8192, 90, {"a": 0.25}), TableFacts("app", "é", 0)),
    limits=SessionLimits("owner", '"My db"', Limit(5, SetFor.ROLE), Limit(0.25, SetFor.URL), None, SetFor.SERVER, True),
    deploying_role="owner",
    prisma=PrismaVersion(7, 4),
    policy="deploy-migrates",
    most_replicas=3,
    max_block=0.5,
    slot=ReplicationSlot("standby", True, 4096),
    storage=Storage(2**35, 41.5, NOW),
)


def text_of(facts: ProductionFacts) -> str:
    text = facts_as_json(facts)
    assert isinstance(text, str)
    return text


DOCUMENT: dict[str, Any] = json.loads(text_of(FACTS))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text_of(FACTS), encoding="utf-8")
    assert read_facts_file(path) == FACTS


def test_a_later_program_may_add_fields(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    tables = [{**each, "new": 1} for each in DOCUMENT["tables"]]
    path.write_text(json.dumps({**DOCUMENT, "tables": tables, "new": {"a": [1]}}), encoding="utf-8")
    assert read_facts_file(path) == FACTS


def changed(*path: str | int, to: object) -> dict[str, Any]:
    document: Any = json.loads(json.dumps(DOCUMENT))
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return dict(document)


def refused(content: str | bytes, folder: Path) -> str:
    path = folder / "facts.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    with pytest.raises(FactsFileError) as caught:
        read_facts_file(path)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), 2, "version: "),
        (("target",), None, "target: "),
        (("target",), "", "facts: `target` must"),
        (("read_at",), SECRET, "read_at: "),
        (("read_at",), "2026-11-22T09:05:00", "facts: `read_at` must have a timezone"),
        (("server_version",), "9.6", "facts: `server_version` must"),
        (("server_version",), "16\n", "facts: `server_version` must"),
        (("prisma",), SECRET, "prisma: "),
        (("policy",), SECRET, "policy: "),
        (("most_replicas",), 1e9, "most_replicas: "),
        (("most_replicas",), -1, "facts: `most_replicas` must"),
        (("max_block",), float("nan"), "facts: `max_block` must"),
        (("max_block",), float("inf"), "facts: `max_block` must"),
        (("catalog",), SECRET, "facts: `catalog` must"),
        (("extensions",), ["a\0"], "facts: `extensions` must"),
        (("deploying_role",), "", "facts: `deploying_role` must"),
        (("unfinished", 0), 5, "unfinished[0]: "),
        (("applied", 1, "seconds"), float("nan"), "applied[1]: `seconds` must"),
        (("applied", 0, "name"), "x" * 256, "applied[0]: `name` must"),
        (("tables",), {}, "tables: "),
        (("tables", 1), None, "tables[1]: "),
        (("tables", 1, "bytes"), "8192", "tables[1].bytes: "),
        (("tables", 1, "bytes"), 2**63, "tables[1]: `bytes` must"),
        (("tables", 1, "bytes"), 10**400, "tables[1]: `bytes` must"),
        (("tables", 0, "rows"), -1, "tables[0]: `rows` must"),
        (("tables", 0, "rows"), True, "tables[0].rows: "),
        (("tables", 0, "fillfactor"), 0, "tables[0]: `fillfactor` must"),
        (("tables", 0, "null_fractions"), {"a": 2}, "tables[0]: `null_fractions` must"),
        (("tables", 0, "null_fractions", "a"), SECRET, "tables[0].null_fractions.a: "),
        # These are printed in ALTER ROLE.
        (("limits", "role"), "x; DROP TABLE y", "facts: `limits.role` must"),
        (("limits", "database"), 'x" SET a = 1; --', "facts: `limits.database` must"),
        (("limits", "statement", "seconds"), -1, "facts: `limits.statement` must"),
        (("limits", "lock", "set_for"), SECRET, "limits.lock.set_for: "),
        (("slot", "held"), -1, "facts: `slot.held` must"),
        (("storage", "percent"), 101, "facts: `storage` must"),
        (("storage", "at"), "2026-11-22T09:05:00", "facts: `storage.at` must"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(path: tuple[str | int, ...], value: object, said: str, tmp_path: Path) -> None:
    sentence = refused(json.dumps(changed(*path, to=value)), tmp_path)
    assert sentence.startswith(said)
    assert SECRET not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 1_000_000, "is not JSON"),
        (b'{"target": "\\ud800"}', "is not JSON"),
        (b"[]", "facts: "),
        (b"{}", "version: "),
        (b" " * (16 * 2**20 + 1), "is larger than 16 MiB"),
    ],
    ids=["empty", "no UTF-8", "deep", "half a pair", "a list", "nothing", "large"],
)  # fmt: skip
def test_what_is_no_document(content: bytes, said: str, tmp_path: Path) -> None:
    assert refused(content, tmp_path).startswith(said)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FactsFileError, match="cannot be read"):
        read_facts_file(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(DOCUMENT)), JSON)
def test_whatever_stands_in_a_field_is_read_or_refused(field: str, value: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.json"
        path.write_text(json.dumps({**DOCUMENT, field: value}))
        said = f"{path}: "
        try:
            found = read_facts_file(path)
        except FactsFileError as error:
            found, said = None, str(error)
    assert said.startswith(f"{path}: ")
    assert found is None or isinstance(found, ProductionFacts)


def test_a_document_is_bounded_and_keeps_the_largest_tables() -> None:
    tables = tuple(TableFacts("public", f"table_{each}", each, null_fractions={"a": 0.5}) for each in range(20_000))
    document = facts_as_document(replace(FACTS, tables=tables))
    assert isinstance(document, dict)
    kept = document["tables"]
    assert isinstance(kept, list)
    assert LONGEST * 0.99 < len(json.dumps(document)) <= LONGEST
    assert [each["bytes"] for each in kept if isinstance(each, dict)] == list(range(19_999, 19_999 - len(kept), -1))
    assert document["tables_left_out"] == 20_000 - len(kept)


def test_migrations_are_never_left_out() -> None:
    many = tuple(AppliedMigration("x" * 200 + str(each)) for each in range(10_000))
    assert isinstance(facts_as_document(replace(FACTS, applied=many)), Unavailable)
