"""The finding where the watched schema has no history."""

from collections.abc import Iterator, Sequence
from json import dumps
from shlex import quote

from ...model.database import History
from ...model.finding import Finding, Json, Severity, Step
from ...model.phrases import listed


def history_missing(schema: str, history: History, elsewhere: Sequence[str]) -> Finding:
    """Report that the watched *schema* has no history; *elsewhere* are the schemas that have one."""
    if not history.schema_exists:
        what = f"There is no schema {schema} in this database"
    elif history.schema_has_tables:
        what = f"The schema {schema} has tables, but no _prisma_migrations"
    else:
        what = f"The schema {schema} is empty: there is no _prisma_migrations either"
    if elsewhere:
        return Finding(
            "history-missing",
            schema,
            Severity.CRITICAL,
            f"{what}. _prisma_migrations is in schema {listed(elsewhere)}: {schema} is most likely the wrong schema.",
            expected="a table _prisma_migrations",
            actual=f"none; there is one in {listed(elsewhere)}",
            remedy=tuple(_watch_instead(schema, elsewhere, has_tables=history.schema_has_tables)),
            evidence=_elsewhere_evidence(history),
        )
    return Finding(
        "history-missing",
        schema,
        Severity.CRITICAL,
        f"{what}. Prisma has never deployed to it, or the application uses another schema.",
        expected="a table _prisma_migrations",
        actual="none",
        remedy=(Step("If the application uses another schema, set schema of the target's database (--schema)."),),
        evidence=_elsewhere_evidence(history),
    )


def _elsewhere_evidence(history: History) -> dict[str, Json]:
    return {"schema_has_tables": history.schema_has_tables, "elsewhere": list(history.elsewhere)}


def _watch_instead(schema: str, elsewhere: Sequence[str], *, has_tables: bool) -> Iterator[Step]:
    if len(elsewhere) == 1:
        only = elsewhere[0]
        yield Step(f"Set schema = {dumps(only)} of the target's database (--schema {quote(only)}).")
    else:
        yield Step(f"Set schema of the target's database (--schema) to the application's: {listed(elsewhere)}.")
    then = (
        "it has tables, so Prisma refuses to deploy there (P3005) before a baseline migration is marked as applied"
        if has_tables
        else "the first deployment there creates its history"
    )
    yield Step(f"Or, if {schema} is right: {then}.", choice=True)
