"""Somebody who does what a report says, to the letter, and knows what only people can know."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from shlex import quote

from shared.model.finding import Finding, Step
from shared.model.report import Report
from shared.remedies.conflicting import frees_names_first
from shared.report.wording import Story, stories
from tests.remedies.law.templates import WRITTEN, WRITTEN_AFTER
from tests.remedies.law.world import World, is_bare, lines_of, write

_FIXING = re.compile(r"\b(fix|repair|remove|rename|drop|cause|resolve)|^Change ", re.IGNORECASE)
# The steps for that are those of the finding that it names.
_ELSEWHERE = re.compile("First (fix|run) ")
_RESTORING = re.compile(r"\brestore\b", re.IGNORECASE)
_READING = re.compile(r"SET TRANSACTION READ ONLY|^SELECT", re.MULTILINE)
_READ = re.compile(r"sed -n '([\d,p;]+)' (\S+)\)")
_RECORDING = re.compile(r"npx prisma migrate resolve --applied (\S+)")
# What had a name that a migration wants, and the name that it gets.
_ASIDE = re.compile(r'"?(\w+)"?(?: RENAME| RENAME (?:COLUMN|CONSTRAINT) "?(\w+)"?) TO "?([^";]+)"?;')
# What is run as it is printed, and what is the body of a new migration.
_RUN = ("migration-", "history-", "deploy-will-fail", "index-")
DRIFT = ("schema-", "constraint-")


_WORD = re.compile(r"\w+")
_CHANGED = re.compile(r'^(?:UPDATE|DELETE FROM) "(\w+)"')
# The lines of what may have run.
_ASKED = re.compile(r"whether lines? ([\d, and]+) ran already")
# Which did not run, and which must not have run before it.
_BEFORE = re.compile(
    r"[Ll]ine (\d+) did not run(?: but|[.] If) (?:one of )?lines? ([\d, and]+) did, do not run it as written"
)
# What no statement does any more.
_GRANTED = re.compile(r"\bif line (\d+)\b.* had not run before .* grant the same")
# What cannot be run any more once another one has run.
_REMOVED = re.compile(r"\bcannot run any more if line (\d+)\b")
_BY_HAND = re.compile(r"\bline (\d+)\b.* by hand what is left of it\b", re.IGNORECASE)


class AdviceError(AssertionError):
    """What the report says is wrong, or cannot be done."""


class LeftToPersonError(Exception):
    """It says that a person must do something, and nobody has written down what is right there."""


@dataclass(slots=True)
class Person:
    """*second*: who takes the second way wherever there are two. *asked*: how many questions had to be answered."""

    world: World
    second: bool = False
    asked: int = 0
    chose: int = 0
    released: list[str] = field(default_factory=list)
    left_to_me: bool = False
    did: list[str] = field(default_factory=list)
    reported: dict[str, list[bool]] = field(default_factory=dict)

    def follow(self, report: Report) -> bool:
        """Do all that the report says; say whether there was anything to do."""
        self.read()
        done = False
        printed: set[Step] = set()
        together: list[str] = []
        alone: list[str] = []
        for finding in in_order(stories(report)):
            if is_run(finding):
                steps = self.steps(finding, printed)
                done = self._do(finding, steps) or done
                # All else that is printed depends on what exists then.
                if any(frees_names_first(step) for step in steps):
                    return done
            elif finding.code.startswith(DRIFT) and finding.remedy:
                steps = [step for step in finding.remedy if step.command and step not in printed]
                printed.update(steps)
                ways = [[step.command or "" for step in steps if step.choice is choice] for choice in (False, True)]
                if self.second and ways[1]:
                    self.chose += 1
                    alone += ways[1]
                else:
                    together += ways[0]
        files = [*(["\n".join(together)] if together else []), *alone]
        self.release(*files)
        return done or bool(files)

    def read(self) -> None:
        """Ways are chosen by what was so when the report was made: what its steps have deployed since is recorded."""
        self.reported = {
            name: [self.world.has_run(name, at) for at in range(len(ran))] for name, ran in self.world.ran.items()
        }

    def steps(self, finding: Finding, printed: set[Step]) -> list[Step]:
        """The steps of the way that is taken. What an earlier finding said already is not printed, nor done, again."""
        frame = [step for step in finding.remedy if is_frame(step)]
        rest = [step for step in finding.remedy if not is_frame(step)]
        first = [step for step in rest if not step.choice]
        ways = list(_ways([step for step in rest if step.choice]))
        fresh = [step for step in self._taken_of(finding, first, ways) if step not in printed]
        printed.update(fresh)
        return [*frame, *fresh] if fresh else []

    def _taken_of(self, finding: Finding, first: list[Step], ways: Sequence[list[Step]]) -> list[Step]:
        is_way = any(step.command and not _READING.search(step.command) for step in first)
        fits = [self._fits(finding, way) for way in ways]
        others = [way for way, fit in zip(ways, fits, strict=True) if fit is not False]
        if self.second and is_way and others:
            self.chose += 1
            return others[0]
        # Where all of it ran there is nothing to run: who knows that does not deploy it again.
        is_done = [way for way in others if self._is_for_what_ran(finding, way)]
        if is_done or (ways and not is_way):
            self.asked += 1
            if not others:
                raise AdviceError(f"{finding.key}: no way is for a person who knows that just {self._ran(finding)} ran")
            return [*(step for step in first if step.command is None), *(is_done or others)[0]]
        return first

    def knows_that_it_ran(self, finding: Finding) -> bool:
        """Say whether one of the other ways is for exactly what ran of its migration."""
        ways = _ways([step for step in finding.remedy if step.choice])
        return any(self._is_for_what_ran(finding, way) for way in ways)

    def _fits(self, finding: Finding, way: Sequence[Step]) -> bool | None:
        """Say whether a way is for what is true; None if it sets no condition."""
        text = way[0].text.lower()
        if "all of its statements ran" in text:
            return all(self._ran(finding))
        if "only some of its statements ran" in text:
            return any(self._ran(finding)) and not all(self._ran(finding))
        return not any(self._ran(finding)) if "none of its statements ran" in text else None

    def _is_for_what_ran(self, finding: Finding, way: Sequence[Step]) -> bool:
        return "none of its statements ran" not in way[0].text.lower() and self._fits(finding, way) is True

    def _ran(self, finding: Finding) -> list[bool]:
        lines = self.world.scripts[finding.subject].lines
        return [self.reported[finding.subject][at] for at, line in enumerate(lines) if not is_bare(line)]

    def _do(self, finding: Finding, steps: Sequence[Step]) -> bool:
        script = "\n".join(line for step in steps for line in self.taken(finding, step))
        if not script:
            return False
        self.run(script, finding.key)
        return True

    def taken(self, finding: Finding, step: Step) -> Iterator[str]:
        """The shell's lines for one step."""
        if _RESTORING.search(step.text) and finding.subject in self.world.originals:
            path = self.world.production.migrations / finding.subject / "migration.sql"
            yield f"cat > {quote(str(path))} <<'ORIGINAL'\n{self.world.originals[finding.subject]}ORIGINAL"
            return
        if step.command is None and (left := _BY_HAND.search(step.text)):
            yield from self._by_hand(self._migration(finding, step), int(left[1]))
        elif step.command is None and _FIXING.search(step.text) and not _ELSEWHERE.match(step.text):
            yield from self.fixing(finding, step)
        if step.command is not None and not (step.asks and self.has_run(finding, step)):
            yield step.command
        if granted := _GRANTED.search(step.text):
            yield from self._by_hand(self._migration(finding, step), int(granted[1]), instead=False)

    def fixing(self, finding: Finding, step: Step) -> Iterator[str]:
        """What is in the way of the migration that *step* is about goes, once; or of what a finding of an object is about."""
        is_of_object = finding.subject not in self.world.scripts
        # The same rows may be in the way of a later migration, whose finding names their table.
        named = set(_WORD.findall(finding.summary)) if finding.code == "deploy-will-fail" else set()
        done = [
            fix
            for fix in self.world.fixes
            if is_of_object
            or fix.of == finding.subject
            or fix.of in step.text
            or (fix.is_of_rows and not named.isdisjoint(_CHANGED.findall(fix.sql)))
        ]
        for fix in done:
            self.world.fixes.remove(fix)
            yield f"psql {quote(self.world.production.database)} -v ON_ERROR_STOP=1 -qc {quote(fix.sql)}"

    def _by_hand(self, name: str, line: int, *, instead: bool = True) -> Iterator[str]:
        """What is done instead of the statement in that *line*, or beside it, unless it ran."""
        self.asked += 1
        at = self._place(name, line)
        if self.world.has_run(name, at):
            return
        if not (sql := self.world.scripts[name].lines[at].by_hand):
            raise LeftToPersonError
        if instead:
            self.world.done_otherwise.add((name, at))
        yield f"psql {quote(self.world.production.database)} -v ON_ERROR_STOP=1 -qc {quote(sql)}"

    def has_run(self, finding: Finding, step: Step) -> bool:
        """Answer whether what *step* would run has run already."""
        self.asked += 1
        if recorded := _RECORDING.fullmatch(step.command or ""):
            return not self._all_ran(recorded[1])
        name = self._migration(finding, step)
        if self._is_out_of_order(name, step):
            raise LeftToPersonError
        lines = self.world.scripts[name].lines
        command = self._whole(step.command or "").replace(f'"{WRITTEN_AFTER}"', f'"{WRITTEN}"')
        asked = [at for at, line in enumerate(lines) if line.sql.rstrip(";") in command and not is_bare(line)]
        if named := _ASKED.search(step.text):
            of_lines = self._places(name, named[1])
            # More may be printed than is asked about; or its table is called otherwise now.
            asked = [at for at in asked if at in of_lines] if asked else of_lines
        if not asked and (aside := _ASIDE.findall(command)):
            # What is in the way is nobody's: it may have another name, and is in nobody's way then.
            self.world.aside.update(new for _, _, new in aside)
            gone = {column or whole for whole, column, _ in aside}
            left = [fix for fix in self.world.fixes if fix.is_of_rows or gone.isdisjoint(re.findall(r"\w+", fix.sql))]
            self.world.fixes[:] = left
            self.world.left.add("schema-unexpected")
            return False
        ran = {self.world.has_run(name, at) for at in asked}
        if len(ran) != 1:
            raise AdviceError(f"{finding.key}: asked about {asked} in one breath ({step.text})")
        if ran == {False} and (removed := _REMOVED.search(step.text)) and self._has_run_in(name, int(removed[1])):
            raise LeftToPersonError
        return ran == {True}

    def _has_run_in(self, name: str, line: int) -> bool:
        return self.world.has_run(name, self._place(name, line))

    def _place(self, name: str, line: int) -> int:
        return next(place for place, number in lines_of(self.world.scripts[name]).items() if number == line)

    def _is_out_of_order(self, name: str, step: Step) -> bool:
        """Say whether it did not run, and one did before which it was to run."""
        if not (found := _BEFORE.search(step.text)):
            return False
        first, *later = (self._places(name, numbers) for numbers in found.groups())
        return not self._any_ran(name, first) and any(self._any_ran(name, places) for places in later)

    def _places(self, name: str, numbers: str) -> list[int]:
        wanted = set(map(int, re.findall(r"\d+", numbers)))
        return [at for at, number in lines_of(self.world.scripts[name]).items() if number in wanted]

    def _any_ran(self, name: str, places: Sequence[int]) -> bool:
        return any(self.world.has_run(name, at) for at in places)

    def _all_ran(self, name: str) -> bool:
        """Say whether all of a migration ran that a step would only record."""
        lines = self.world.scripts[name].lines
        ran = {self.world.has_run(name, at) for at, line in enumerate(lines) if not is_bare(line)}
        if len(ran) != 1:
            raise AdviceError(f"of {name}, just some ran")
        return ran == {True}

    def _whole(self, command: str) -> str:
        """*command* with the lines that it reads from a file."""
        read = [
            line
            for ranges, path in _READ.findall(command)
            for line in _lines(self.world.production.migrations.parents[1] / path, ranges)
        ]
        return "\n".join([command, *read])

    def _migration(self, finding: Finding, step: Step) -> str:
        """The migration whose statements *step* runs: the finding of an object names several, each step its own."""
        if finding.subject in self.world.scripts:
            return finding.subject
        return next(name for name in self.world.scripts if step.text.startswith(f"{name}, on this database only"))

    def run(self, script: str, what: str) -> None:
        self.did.append(f"# {what}\n{script}")
        done = self.world.production.bash(script)
        self.world.note(self.world.production.engine.sent())
        if done.returncode != 0:
            raise AdviceError(f"{what}: what was printed fails\n{script}\n--\n{done.stdout}\n{done.stderr}")

    def release(self, *files: str) -> None:
        """Release each of *files* as a new migration."""
        here = self.world.production
        for body in files:
            name = f"2025010950000{len(self.released)}_corrective"
            self.released.append(name)
            write(here.migrations / name / "migration.sql", body)
        if files:
            deploy = f"cd apps/backend\nexport DATABASE_URL={quote(here.url)}\nnpx prisma migrate deploy"
            self.run(deploy, "corrective migration")


def is_run(finding: Finding) -> bool:
    """Say whether its steps are run as they are printed; those of drift are the body of a new migration."""
    return finding.code.startswith(_RUN) or "recorded_early" in finding.evidence


def is_frame(step: Step) -> bool:
    return step.command is not None and step.command.startswith("cd ")


def in_order(listed: Sequence[Story]) -> Iterator[Finding]:
    """What is printed, from top to bottom; what something certainly brought about ends with its cause."""
    for story in listed:
        has_steps = story.finding.code.startswith(("migration-", "deploy-will-fail"))
        if story.cause is None or not story.cause.certain or has_steps:
            yield from (story.finding, *story.more)
        yield from in_order(story.consequences)


def _lines(file: Path, ranges: str) -> Iterator[str]:
    lines = file.read_text().splitlines()
    for each in ranges.split(";"):
        first, _, last = each.removesuffix("p").partition(",")
        yield from lines[int(first) - 1 : int(last or first)]


def _ways(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Each other way opens with its condition."""
    number = 0
    numbered = []
    for step in steps:
        number += step.text.startswith(("If ", "Or"))
        numbered.append((number, step))
    for _, group in groupby(numbered, key=lambda each: each[0]):
        yield [step for _, step in group]
