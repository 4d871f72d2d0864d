"""What makes a pending statement run that certainly fails: the steps."""

from collections.abc import Iterator, Sequence

from ..model.finding import Step
from ..model.phrases import counted
from ..model.plan import PlannedStatement, Prediction, Probe
from ..remedies import azure_commands, commands

# Steps for so many statements are printed; nobody follows more.
_MOST = 20


def freeing(found: Sequence[PlannedStatement], schema: str, server: str | None) -> Iterator[Step]:
    """A step for each reason, and in the end how many statements are not named."""
    first = found[:_MOST]
    # Many statements may need one and the same extension.
    yield from dict.fromkeys(step for each in first for step in _of_one(each, found[0], schema, server))
    if left_out := len(found) - len(first):
        what = counted(left_out, "more statement that fails", "more statements that fail")
        yield Step(f"Fix {what}: the plan has each with its reason.")


def _of_one(each: PlannedStatement, first: PlannedStatement, schema: str, server: str | None) -> Iterator[Step]:
    library, extension, query = _not_loaded(each.prediction), _not_allowed(each.prediction), _query(each)
    if library is not None:
        yield Step(
            f"Let the server load {library} when it starts: add it to the server's parameter "
            "shared_preload_libraries, and restart the server. The restart ends all its connections.",
            None if server is None else azure_commands.preload_library(server, library),
        )
    elif extension is not None:
        yield Step(
            f"Allow the extension {extension}: add it to the server's parameter azure.extensions.",
            None if server is None else azure_commands.allow_extension(server, extension),
        )
    elif query is not None:
        yield Step(
            f"Count the rows in the way of line {each.line} of {each.migration}.",
            commands.psql([query], schema),
        )
        yield Step(f"Change those rows, or change line {each.line} of {each.migration}.")
    elif each.prediction.fix:
        yield Step(
            "Remove the reason, as that role or as an administrator.", commands.psql(each.prediction.fix, schema)
        )
    else:
        # The summary gives the reason of the first.
        why = f": {because(each.prediction)}" if each is not first else ""
        yield Step(f"Change line {each.line} of {each.migration}, and release again{why}.")


def _query(statement: PlannedStatement) -> str | None:
    """A query that counts the rows in the way; None where rows are not the reason."""
    prediction = statement.prediction
    probes = [
        each.probe
        for each in prediction.conditions
        if each.probe is not None and each.because in prediction.because and prediction.rows is not None
    ]
    return listing(probes[0]) if probes else None


def _not_allowed(prediction: Prediction) -> str | None:
    """The extension that the server's allow-list lacks, where that is the reason."""
    return next(
        (each.allow for each in prediction.conditions if each.allow and each.because in prediction.because), None
    )


def _not_loaded(prediction: Prediction) -> str | None:
    """The library that the server does not load when it starts, where that is the reason."""
    return next(
        (each.preload for each in prediction.conditions if each.preload and each.because in prediction.because), None
    )


def listing(probe: Probe) -> str:
    return probe.listing or f"SELECT count(*) FROM (\n{probe.sql}\n) AS found;"  # noqa: S608  # printed


def because(prediction: Prediction) -> str:
    return "; ".join(prediction.reasons) or "the server refuses it"
