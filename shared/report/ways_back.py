"""Which earlier releases can run again, and from where on only a restore leads back: for every form of a report."""

from collections.abc import Iterator, Sequence

from ..model.finding import Json
from ..model.phrases import listed
from ..model.plan import Plan, PlannedStatement
from ..model.report import Report, ServerSummary
from ..model.ways_back import WayBack
from ..prisma.clients.brief import in_brief

# So many operations are named; the JSON has all of them.
_MOST = 3
_RUNNING, _BEFORE = "the running release", "the release before this one"


def ways_back_lines(
    ways: Sequence[WayBack], plan: Plan | None = None, server: ServerSummary | None = None
) -> Iterator[str]:
    """``v1.41.0 and v1.40.0 work on the database's schema.``, then a sentence for each that does not.

    The last names the point of no return, where *plan* has one.
    """
    after = plan is not None and bool(plan.migrations)
    good = [_name(each) for each in ways if each.runs_today and each.runs_after]
    if good:
        works = "work" if len(good) > 1 else "works"
        when = "now, and after this deployment" if after else "on the database's schema"
        yield f"{_capital(listed(good))} {works} {when}."
    for each in ways:
        if _name(each) not in good:
            yield _sentence(each, after=after)
    statement = point_of_no_return(plan)
    if statement is not None:
        yield (
            f"Point of no return: line {statement.line} of {statement.migration} loses "
            f"{', '.join(statement.prediction.loses)}. What is lost comes back only from a backup{_restore(server)}."
        )


def ways_back_of(report: Report) -> Iterator[str]:
    """The same of a *report*; nothing where no earlier release is known."""
    if report.ways_back:
        plan = report.plan if isinstance(report.plan, Plan) else None
        yield from ways_back_lines(report.ways_back, plan, report.server)


def point_of_no_return(plan: Plan | None) -> PlannedStatement | None:
    """The first pending statement that loses data."""
    return next((each for each in plan.statements if each.prediction.loses), None) if plan is not None else None


def as_objects(ways: Sequence[WayBack]) -> Json:
    """The report's `ways_back`; null where no earlier release is known."""
    return [_object(each) for each in ways] or None


def _object(way: WayBack) -> Json:
    return {
        "release": way.release,
        "runs_today": way.runs_today,
        "runs_after": way.runs_after,
        "because": _because(way, most=None),
        "ended_by": way.ended_by,
        "assumed": way.assumed,
        # Where it is false, null is "not known", for the reason that `because` gives; else null is "may fail".
        "predicted": way.because is None,
    }


def _sentence(way: WayBack, *, after: bool) -> str:
    name, because = _name(way), _because(way, most=_MOST)
    why = f": {because}" if because else ""
    uses = ", if that release uses every table and column of its migrations," if way.assumed and because else ""
    if way.runs_today is None and way.because is not None:
        return f"Whether {name} works on the database's schema is not known{why}."
    if way.runs_today is None:
        return f"{_capital(name)} may fail on the database's schema{why}."
    if not way.runs_today:
        return f"{_capital(name)} does not work on the database's schema{uses.rstrip(',')}{why}."
    works = _after(way, because, uses) if after else "on the database's schema"
    return f"{_capital(name)} works {works}."


def _after(way: WayBack, because: str, uses: str) -> str:
    """How it goes on with one that works now."""
    if way.runs_after is None and way.because is None:
        return f"now, and may fail after this deployment: {because}"
    if way.runs_after is False:
        return f"until {way.ended_by} is applied. After that{uses or ','} {because}"
    return "now, and after this deployment" if way.runs_after else "now"


def _because(way: WayBack, *, most: int | None) -> str:
    if way.because is not None:
        return way.because
    said = in_brief(way.effects)
    more = f"; and {len(said) - most} more" if most is not None and len(said) > most else ""
    return "; ".join(said[:most]) + more


def _restore(server: ServerSummary | None) -> str:
    if server is None or server.earliest_restore is None:
        return ""
    return f" (this server can be restored to any time since {server.earliest_restore:%Y-%m-%d %H:%M} UTC)"


def _name(way: WayBack) -> str:
    return way.release or (_BEFORE if way.assumed else _RUNNING)


def _capital(text: str) -> str:
    return f"The{text[3:]}" if text.startswith("the ") else text
