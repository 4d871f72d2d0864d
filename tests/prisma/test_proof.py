"""What is proven of the statements of a file: one line is one context.

A file is written as one letter a statement: ``d`` changes rows and leaves no trace, ``+`` shows, ``-`` does not show
although it would, ``!`` is a broken index, ``?`` is unknown, ``[`` and ``]`` are BEGIN and COMMIT, ``x`` is
ROLLBACK, ``r`` is replaced by later statements, of this file or of another one.
The answers: ``y`` it ran, ``n`` it did not, ``.`` nothing proves either.
"""

import pytest

from shared.model.progress import Progress, Ran, StatementProgress, StatementState
from shared.prisma.execution import Execution
from shared.prisma.proof import Attempt, End, proven, proven_without_row

SPLIT, BATCH, EITHER = Execution.SPLIT, Execution.BATCH, Execution.EITHER
FAILED, KILLED, UNREADABLE = Attempt(End.ERROR), Attempt(End.SILENT), Attempt(End.UNREADABLE)
STATES = {
    "+": StatementState.PRESENT, "-": StatementState.ABSENT, "!": StatementState.INVALID, "?": StatementState.UNKNOWN,
}  # fmt: skip
SQL = {"d": "UPDATE t SET z = 'filled'", "[": "BEGIN", "]": "COMMIT", "x": "ROLLBACK"}
ANSWERS = {Ran.RAN: "y", Ran.NOT_RUN: "n", Ran.OPEN: "."}


def progress(file: str) -> Progress:
    statements = tuple(
        StatementProgress(
            SQL.get(letter, "CREATE TABLE w ()"),
            line,
            0,
            0,
            STATES.get(letter, StatementState.NO_TRACE),
            "",
            superseded=letter == "r",
        )
        for line, letter in enumerate(file, 1)
    )
    fitting = (
        k
        for k in range(len(file) + 1)
        if "+" not in file[k:] and not set(file[:k]) & {"-", "!"} and "!" not in file[k + 1 :]
    )
    return Progress(statements, tuple(fitting))


def at(*numbers: int, end: End = End.ERROR) -> Attempt:
    return Attempt(end, failed_at=numbers)


def again(*numbers: int) -> Attempt:
    return Attempt(End.ERROR, failed_at=numbers, is_only=False)


def is_rolled_back(*numbers: int) -> Attempt:
    return Attempt(End.ERROR, failed_at=numbers, is_rolled_back=True)


@pytest.mark.parametrize(
    ("file", "execution", "attempt", "said"),
    [
        # The file of the issue: a column, its backfill, an index, a table.
        pytest.param("+d--", SPLIT, FAILED, "y.nn", id="split, failed: at the backfill or after it"),
        pytest.param("+d--", SPLIT, at(2), "yynn", id="split, failed at the index: the backfill ran"),
        pytest.param("+d--", SPLIT, at(1), "ynnn", id="split, failed at the backfill"),
        pytest.param("+d--", SPLIT, at(1, 2), "y.nn", id="split, the error fits two statements"),
        pytest.param("+d+-", SPLIT, FAILED, "yyyn", id="split, failed: what comes before what shows ran"),
        pytest.param("+d++", SPLIT, FAILED, "y.yy", id="split, failed, and all is there: somebody went on"),
        pytest.param("+d++", SPLIT, at(2), "yyyy", id="split, failed at the index, repaired by hand after it"),
        pytest.param("+d++", SPLIT, at(1), "y.yy", id="split, failed at the backfill, repaired by hand"),
        pytest.param("+d++", SPLIT, at(0), "y.yy", id="split, failed at once, repaired by hand"),
        pytest.param("+d-+", SPLIT, FAILED, "y.ny", id="split, a gap: somebody went on"),
        pytest.param("+d-+", SPLIT, at(2), "yyny", id="split, a gap after the error"),
        pytest.param("-d-+", SPLIT, at(2), "n.ny", id="split, what ran was taken away again"),
        pytest.param("-d--", SPLIT, FAILED, "nnnn", id="split, failed at once"),
        pytest.param("-d--", SPLIT, at(2), "n.nn", id="split, the error says that more ran than shows"),
        pytest.param("d---", SPLIT, FAILED, ".nnn", id="split, failed at the backfill or after it, which comes first"),
        pytest.param("+d++", BATCH, FAILED, "y.yy", id="a batch that failed, and all is there: a repair by hand"),
        pytest.param("+d-+", BATCH, FAILED, "y.ny", id="a batch that failed, and half is there: a repair by hand"),
        pytest.param("+d-+", BATCH, at(2), "y.ny", id="a batch that failed left nothing, wherever it failed"),
        pytest.param("-d--", BATCH, FAILED, "nnnn", id="a batch that failed left nothing"),
        pytest.param("+d++", EITHER, FAILED, "y.yy", id="one or the other, and all is there"),
        pytest.param("+d+-", EITHER, FAILED, "y.yn", id="one or the other, half is there: by hand or by order"),
        pytest.param("-d--", EITHER, FAILED, "nnnn", id="one or the other, and nothing is there"),
        pytest.param("d---", EITHER, FAILED, ".nnn", id="one or the other, the backfill comes first"),
        pytest.param("d-", EITHER, at(0), "nn", id="one or the other, the backfill failed"),
        # No error: killed, or never noted.
        pytest.param("+d++", BATCH, KILLED, "y.yy", id="a batch that may have been committed and never noted"),
        pytest.param("-d--", BATCH, KILLED, "nnnn", id="a batch that was killed"),
        pytest.param("+d--", BATCH, KILLED, "y.nn", id="a batch that was killed, and repaired in part"),
        pytest.param("+d+-", SPLIT, KILLED, "yyyn", id="split, killed in the middle"),
        pytest.param("+d--", SPLIT, KILLED, "y.nn", id="split, killed at the backfill or after it"),
        pytest.param("+d++", SPLIT, KILLED, "y.yy", id="split, killed, and all is there"),
        pytest.param("+d-+", EITHER, KILLED, "y.ny", id="killed, a gap"),
        pytest.param("-d--", EITHER, UNREADABLE, "nnnn", id="its error may not be read, and nothing is there"),
        pytest.param("+d++", EITHER, UNREADABLE, "y.yy", id="its error may not be read, and all is there"),
        # Rows alone.
        pytest.param("ddd", BATCH, FAILED, "...", id="rows alone, a batch that failed"),
        pytest.param("ddd", SPLIT, FAILED, "...", id="rows alone, split: a hand may have run the last one, too"),
        pytest.param("ddd", SPLIT, at(1), "y..", id="rows alone, split, failed at the second"),
        pytest.param("ddd", EITHER, FAILED, "...", id="rows alone, one or the other"),
        pytest.param("ddd", EITHER, at(1), "...", id="rows alone, one or the other, failed at the second"),
        pytest.param("ddd", BATCH, KILLED, "...", id="rows alone, killed: all or nothing"),
        pytest.param("ddd", SPLIT, KILLED, "...", id="rows alone, split, killed"),
        pytest.param("d", SPLIT, FAILED, ".", id="one statement that failed, and that a hand may have run since"),
        pytest.param("d", SPLIT, KILLED, ".", id="one statement, killed"),
        pytest.param("", SPLIT, FAILED, "", id="an empty file"),
        # Transactions of its own.
        pytest.param("[+]d-", BATCH, FAILED, "yyynn", id="a batch with a COMMIT, which holds what came before it"),
        pytest.param("[-d]-", BATCH, FAILED, "nnnnn", id="a batch with a COMMIT that was not reached"),
        pytest.param("+d]-d", BATCH, FAILED, "yyynn", id="a batch with a COMMIT in the middle"),
        pytest.param("-[d]-", SPLIT, FAILED, "nnnnn", id="split, a transaction that was not reached"),
        pytest.param("+[d-]", SPLIT, at(3), "ynnnn", id="split, a transaction of its own that failed"),
        pytest.param("+[d+]-", SPLIT, at(5), "yyyyyn", id="split, a transaction of its own that was committed"),
        pytest.param("+[dx-", SPLIT, FAILED, "y...n", id="it takes something back itself"),
        # A broken index.
        pytest.param("!", SPLIT, FAILED, "n", id="a lone index, built concurrently"),
        pytest.param("d!d", SPLIT, FAILED, "ynn", id="split, an index that was left broken"),
        # Another file, more attempts, a person in between.
        pytest.param("-d--", BATCH, Attempt(End.ERROR, same_file=False), "n.nn", id="another file was run"),
        pytest.param("-d--", BATCH, again(), "nnnn", id="batches that failed again"),
        pytest.param("-d--", SPLIT, again(), "n.nn", id="split, an earlier attempt may have got further"),
        pytest.param("-d--", EITHER, again(0), "n.nn", id="an earlier attempt may have got further than this one"),
        pytest.param("+d+-", SPLIT, again(), "yyyn", id="split, in one of the attempts it ran"),
        pytest.param("-d--", BATCH, is_rolled_back(), "nnnn", id="a batch that failed and was marked as rolled back"),
        pytest.param("-d--", SPLIT, is_rolled_back(), "n.nn", id="split and marked as rolled back: its effects may have been removed by hand"),
        pytest.param("-d--", SPLIT, is_rolled_back(0), "nnnn", id="split and marked as rolled back, failed at once"),
        pytest.param("-d--", SPLIT, is_rolled_back(3), "n.nn", id="split, failed late, its effects removed by hand"),
        pytest.param("-r", BATCH, at(0), "n.", id="a later migration that was run by hand has replaced what may have run"),
        pytest.param("+r", SPLIT, at(1), "y.", id="split, and replaced by a later migration since"),
        pytest.param("r+", SPLIT, at(1), "yy", id="split, and replaced by this one"),
        pytest.param("+d++", SPLIT, Attempt(End.FINISHED), "yyyy", id="it finished"),
        pytest.param("dd", SPLIT, Attempt(End.FINISHED), "yy", id="it finished, rows alone"),
        pytest.param("+d-+", SPLIT, Attempt(End.FINISHED), "y.ny", id="it finished, and something was taken away"),
        pytest.param("+d++", SPLIT, Attempt(End.FINISHED, same_file=False), "y.yy", id="another file finished"),
        pytest.param("+d++", SPLIT, Attempt(End.RECORDED), "y.yy", id="recorded as applied, and never run"),
    ],
)  # fmt: skip
def test_what_an_attempt_proves(file: str, execution: Execution, attempt: Attempt, said: str) -> None:
    assert "".join(ANSWERS[each] for each in proven(progress(file), execution, attempt)) == said


@pytest.mark.parametrize(
    ("file", "overtaken", "said"),
    [
        pytest.param("-d-", False, "nnn", id="nothing shows"),
        pytest.param("-d-", True, "nnn", id="nothing shows of one that was skipped"),
        pytest.param("+d-", False, "y.n", id="some of it shows: somebody was at work"),
        pytest.param("+d+", False, "y.y", id="all of it shows"),
        pytest.param("dd", False, "nn", id="rows alone, the newest"),
        pytest.param("dd", True, "..", id="rows alone, skipped"),
        pytest.param("-d?", False, "n..", id="something is unknown"),
        pytest.param("-r", False, "n.", id="a later one that was run by hand has replaced what may have run"),
    ],
)
def test_what_follows_without_a_row(file: str, *, overtaken: bool, said: str) -> None:
    assert "".join(ANSWERS[each] for each in proven_without_row(progress(file), overtaken=overtaken)) == said
