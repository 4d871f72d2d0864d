"""Extensions that are made only where the server loaded their library when it started (shared_preload_libraries).

Of others that want to be preloaded (pg_stat_statements, pg_hint_plan, pg_prewarm) CREATE EXTENSION works all the same.
"""

# ruff: noqa: S608  # SQL is what this module writes; every name is a literal in it

from collections.abc import Iterator, Mapping, Set

from ...model.plan import Access, Condition, Probe
from ...model.server import PRELOADED
from ...model.value import replace
from ..canonical.sql import literal

# The SQLSTATE of CREATE EXTENSION without the library, which has the extension's name: of the first three as servers
# showed it, of the others by their documentation.
_SQLSTATES: Mapping[str, str] = {
    "pg_cron": "42704", "pgaudit": "55000", "pglogical": "XX000",
    "azure_storage": "55000", "citus": "55000", "pg_squeeze": "55000", "timescaledb": "55000",
}  # fmt: skip


def libraries(setting: str) -> frozenset[str]:
    """The libraries in a value of the setting: a path and the ending of a file say nothing else."""
    words = (each.strip().strip('"').rpartition("/")[2].removesuffix(".so") for each in setting.split(","))
    return frozenset(each.lower() for each in words if each)


def conditions(extension: str, installed: str, preloaded: Set[str] | None) -> Iterator[Condition]:
    """Why CREATE EXTENSION may fail. *installed* is SQL that says whether it is there already.

    *preloaded* are the libraries that Azure says the server has loaded; without them the server itself is asked, which
    answers only members of pg_read_all_settings.
    """
    sqlstate = _SQLSTATES.get(extension)
    if sqlstate is None or (preloaded is not None and extension in preloaded):
        return
    setting = f"SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = {literal(PRELOADED)}"
    because = f"the server must load {extension} when it starts ({PRELOADED})"
    found = Condition(sqlstate, because, preload=extension)
    if preloaded is not None:
        yield replace(found, probe=_probe(f"SELECT WHERE NOT {installed}"))
        return
    listed = "pg_catalog.string_to_array(pg_catalog.replace(found.setting, ' ', ''), ',')"
    lacking = f"SELECT FROM ({setting}) AS found WHERE NOT {literal(extension)} = ANY ({listed}) AND NOT {installed}"
    yield replace(found, probe=_probe(lacking))
    unread = f"SELECT WHERE NOT EXISTS ({setting}) AND NOT {installed}"
    hidden = f"whether the server loads {extension} when it starts is shown only to pg_read_all_settings ({PRELOADED})"
    yield replace(found, because=hidden, probe=_probe(unread), may=True, rare=True)


def _probe(query: str) -> Probe:
    return Probe(query, (), Access.INDEX)
