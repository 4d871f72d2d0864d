"""Squawk beside the plan, over the same statements: what it flags for safety is a fact of ours, or docs/rules.md says why not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.model.plan import Blocks, Outcome, Prediction
from shared.model.schema import Kind
from shared.postgres.parse import parse
from shared.postgres.plan.effects import blocks
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import Step, steps
from tests.postgres.versions import lines_of_version

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "tests/postgres/corpus").glob("*.sql"))
SQUAWK = Path(sys.executable).parent / "squawk"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.+?) \|.*\|$", re.MULTILINE)
RULES = {found[1]: found[2] for found in ROW.finditer((ROOT / "docs/rules.md").read_text(encoding="utf-8"))}
VERSION = 15
WITH_ROWS = (Kind.TABLE, Kind.COLUMN, Kind.MATERIALIZED_VIEW)
# What a prediction shows of each word of the table. What a client suffers is tested elsewhere.
SHOWN = ("*blocks*", "*fails*", "*loses*")


def shows(prediction: Prediction, word: str) -> bool:
    match word:
        case "*blocks*":
            return blocks(prediction.effects, lambda _: False) is not Blocks.NONE
        case "*fails*":
            return prediction.outcome is not Outcome.OK
        case _:
            return bool(prediction.loses)


def flagged(file: Path) -> list[tuple[str, int]]:
    """Each rule, and the place in characters of what it flags."""
    command: list[str | Path] = [SQUAWK, "--pg-version", str(VERSION), "--reporter", "json", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    starts = [0]
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return [(each["rule_name"], starts[each["line"]] + each["column"]) for each in json.loads(done.stdout)]


def at(place: int, planned: list[Step], text: str) -> Step:
    offset = len(text[:place].encode())
    return next(each for each in planned if offset < each.statement.end)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_squawk_flags_is_a_fact_of_the_plan_or_in_the_table(file: Path, tmp_path: Path) -> None:
    text = lines_of_version(file.read_text(encoding="utf-8"), VERSION * 10_000)
    of_version = tmp_path / file.name
    of_version.write_text(text, encoding="utf-8")
    planned = list(steps(parse(text), Circumstances(VERSION, "UTC")))
    missed = []
    for rule, place in flagged(of_version):
        if rule == "syntax-error":
            continue  # its own grammar lacks what the server takes: a DROP of several
        step = at(place, planned, text)
        words = [word for word in SHOWN if word in RULES[rule]]
        # IF EXISTS of nothing, and temporary tables: there is nothing to say.
        if not words or "–" in RULES[rule] or not step.changed:
            continue
        # Nor where a schema without tables is dropped.
        if "*loses*" in words and all(subject.kind not in WITH_ROWS for subject in step.changed):
            continue
        if not any(shows(step.prediction, word) for word in words):
            missed.append((rule, step.statement.line, step.statement.sql[:100]))
    assert not missed, "\n".join(map(str, missed))


def test_every_word_of_the_table_is_one_that_it_explains() -> None:
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| (\*[a-z]+\*|–) \|", page, re.MULTILINE))
    assert explained == {"*blocks*", "*fails*", "*loses*", "*breaks*", "*safer*", "–"}
    assert {word for said in RULES.values() for word in re.findall(r"\*[a-z]+\*|–", said)} <= explained
