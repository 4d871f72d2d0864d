"""``accept.toml``, beside a ``migration.sql``: which predictions of that migration its author accepts, and why.

Prisma reads the SQL file alone. A comment in that file would change its checksum, so that what ran would no longer be
what the release ships.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from ..model.plan import PlannedStatement
from ..model.release import Acceptance, Migration
from ..model.value import dataclass, replace
from .checksum import accepted_checksums, matches

ACCEPT_FILE = "accept.toml"
# Predictions of single statements. That one certainly fails can be fixed, and not accepted.
ACCEPTABLE = (
    "deploy-blocks", "deploy-breaks-running-app", "deploy-fills-disk", "deploy-loses-data", "deploy-session-setting",
)  # fmt: skip
_MOST_BYTES, _MOST, _LONGEST_REASON = 64 * 1024, 500, 500
_CHECKSUM_LENGTH = 64
_ENTRY = frozenset({"code", "line", "reason"})
_MOST_MISTAKES = 10


@dataclass(frozen=True, slots=True)
class AcceptFile:
    """What one file accepts, and what is wrong with it: an entry with a mistake accepts nothing."""

    accepted: tuple[Acceptance, ...] = ()
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AcceptedPredictions:
    """*reasons* by migration, code and line; *mistakes* say which acceptances do not hold, and why."""

    reasons: Mapping[tuple[str, str, int], str]
    mistakes: tuple[str, ...] = ()

    def codes(self, migration: str, line: int) -> frozenset[str]:
        """What is accepted of the statement at *line*."""
        return frozenset(code for name, code, at in self.reasons if (name, at) == (migration, line))


def accepted_predictions(migrations: Iterable[Migration]) -> AcceptedPredictions:
    """What the ``accept.toml`` of *migrations* accept: those written for the ``migration.sql`` that is there."""
    reasons: dict[tuple[str, str, int], str] = {}
    mistakes: list[str] = []
    for migration in migrations:
        stale = {each.checksum for each in migration.accepted if not _is_of(migration, each.checksum)}
        if stale:
            mistakes.append(f"{migration.name}/{ACCEPT_FILE} {_stale(migration)}")
        for each in migration.accepted:
            if each.checksum not in stale:
                reasons[migration.name, each.code, each.line] = each.reason
    return AcceptedPredictions(reasons, tuple(mistakes))


def accepting(planned: Iterable[PlannedStatement], migrations: Iterable[Migration]) -> tuple[PlannedStatement, ...]:
    """*planned*, each with what the ``accept.toml`` of its migration accepts of it."""
    accepted = accepted_predictions(migrations)
    return tuple(replace(each, accepted=accepted.codes(each.migration, each.line)) for each in planned)


def read_acceptances(content: bytes) -> AcceptFile:
    """Read the file *content*: ``checksum = "…"``, then ``[[accepted]]`` tables with `code`, `line` and `reason`."""
    if len(content) > _MOST_BYTES:
        return AcceptFile(mistakes=(f"it is larger than {_MOST_BYTES // 1024} KiB",))
    # Imported here: hardly any release has such a file.
    import tomllib  # noqa: PLC0415

    try:
        document = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        return AcceptFile(mistakes=("it is not UTF-8",))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        because = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a value cannot be read"
        return AcceptFile(mistakes=(f"it is not TOML: {because[:200]!a}",))
    return _read(document)


def _read(document: Mapping[str, Any]) -> AcceptFile:
    mistakes = list(_unknown_keys(document, frozenset({"checksum", "accepted"})))
    checksum, entries = document.get("checksum"), document.get("accepted")
    if not isinstance(checksum, str) or not _is_checksum(checksum):
        return AcceptFile(mistakes=(*mistakes, "`checksum` must be the SHA-256 of migration.sql, 64 lower-case digits"))
    if not isinstance(entries, list) or not entries or len(entries) > _MOST:
        return AcceptFile(mistakes=(*mistakes, f"`[[accepted]]` must stand in it 1 to {_MOST} times"))
    accepted: list[Acceptance] = []
    for number, entry in enumerate(entries, 1):
        wrong = [f"accepted {number}: {mistake}" for mistake in _mistakes(entry)]
        mistakes += wrong
        if not wrong:
            accepted.append(Acceptance(entry["code"], entry["line"], entry["reason"].strip(), checksum))
    hidden = len(mistakes) - _MOST_MISTAKES
    more = [f"{hidden} more mistakes"] if hidden > 0 else []
    return AcceptFile(tuple(accepted), (*mistakes[:_MOST_MISTAKES], *more))


def _mistakes(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "it must be a table"
        return
    yield from _unknown_keys(entry, _ENTRY)
    code, line, reason = entry.get("code"), entry.get("line"), entry.get("reason")
    if code == "deploy-will-fail":
        yield "deploy-will-fail cannot be accepted: the deployment would stop there"
    elif code not in ACCEPTABLE:
        yield f"`code` must be one of {', '.join(ACCEPTABLE)}"
    if not isinstance(line, int) or isinstance(line, bool) or line < 1:
        yield "`line` must be the line of migration.sql at which the statement begins"
    if not isinstance(reason, str) or not reason.strip() or len(reason) > _LONGEST_REASON:
        yield f"`reason` must be a text of at most {_LONGEST_REASON} characters"


def _unknown_keys(table: Mapping[str, object], known: Set[str]) -> Iterator[str]:
    for key in sorted(table.keys() - known):
        yield f"unknown key {key[:50]!a} (known: {', '.join(sorted(known))})"


def _is_checksum(text: str) -> bool:
    return len(text) == _CHECKSUM_LENGTH and set(text) <= set("0123456789abcdef")


def _is_of(migration: Migration, checksum: str) -> bool:
    return migration.script is not None and matches(migration.script, checksum)


def _stale(migration: Migration) -> str:
    if migration.script is None:
        return "accepts nothing: there is no migration.sql beside it"
    now = next(accepted_checksums(migration.script))
    return f"accepts nothing: its `checksum` is not that of migration.sql, which is {now}"
