"""When a difference came about and who did it, in one sentence: for every form of a report, and for messages."""

from collections.abc import Iterator, Mapping

from ..model.finding import Finding
from ..model.moment import moment_of
from ..model.phrases import listed

# Of findings whose changes are one transaction, so many are named.
_MOST = 3


def changed(finding: Finding) -> str | None:
    """``Changed between the checks of 2025-09-03 14:05 UTC and 2025-09-03 15:05 UTC.``; None where nothing is known.

    Words: ``between`` and ``before``, never ``at``; ``by`` only of a statement that was seen.
    """
    found = finding.evidence.get("changed")
    if not isinstance(found, dict):
        return None
    sentences = [*_when(found), *_who(found.get("by")), *_with(found)]
    return " ".join(sentences) or None


def _when(found: Mapping[str, object]) -> Iterator[str]:
    after, before = _moments(found.get("after")), _moments(found.get("before"))
    since, until = _moment(after.get("check")), _moment(before.get("check"))
    migration, finished = before.get("migration"), _moment(before.get("finished_at"))
    commit = _moment(before.get("commit"))
    if since and until:
        yield f"Changed between the checks of {since} and {until}."
    elif since and commit:
        yield f"Changed between the check of {since} and {commit}, when it was last written."
    elif commit:
        yield f"Changed by {commit}, when it was last written."
    elif migration and finished:
        written = f"last written by a transaction that began before migration {migration} was recorded ({finished})"
        yield f"Changed after the check of {since}; {written}." if since else f"{written[0].upper()}{written[1:]}."
    elif until:
        yield f"Changed before the check of {until}."
    elif since:
        yield f"Changed after the check of {since}."


def _who(by: object) -> Iterator[str]:
    match by:
        case {"role": str(role), "how": "log", "statement": str(statement), "at": str(at)}:
            yield f"By {role} (server log, {_moment(at)}: {statement})."
        case {"role": str(caller), "how": "activity log", "at": str(at)}:
            yield f"By {caller} (Azure's activity log, {_moment(at)})."
        case {"role": str(role), "how": "owner"}:
            yield f"Its owner is {role}."


def _with(found: Mapping[str, object]) -> Iterator[str]:
    same, left_out = found.get("same_transaction_as"), found.get("same_transaction_as_left_out")
    keys = [str(key).partition(":")[2] for key in same] if isinstance(same, list) else []
    if keys:
        # Those that are left out are counted with those that are not named.
        others = [*keys, *[""] * (left_out if isinstance(left_out, int) else 0)]
        yield f"One transaction last wrote this and {listed(others, _MOST)}."


def _moments(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _moment(value: object) -> str | None:
    moment = moment_of(value) if isinstance(value, str) else None
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
