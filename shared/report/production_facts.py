"""The facts of a production as JSON, version 1: it may grow fields, and never loses or changes one."""

import json
from dataclasses import asdict

from ..model.finding import Json
from ..model.knowledge import Unavailable
from ..model.production_facts import ProductionFacts
from ..model.value import replace
from .json import dumps

# As long as a report may be: of tables there may be any number.
LONGEST = 2_000_000


def facts_as_document(facts: ProductionFacts, longest: int = LONGEST) -> dict[str, Json] | Unavailable:
    """Give a document of *longest* characters at most: the smallest tables are left out, and counted.

    Their statements get no duration then. Without all migrations nothing could be planned: Unavailable where those
    alone are too many.
    """
    tables: list[Json] = [asdict(each) for each in sorted(facts.tables, key=lambda each: -each.bytes)]
    left = longest - len(json.dumps(_document(facts, [])))
    if left < 0:
        return Unavailable(f"the facts without any table are longer than {longest:,} characters", lasting=True)
    kept = 0
    for table in tables:
        left -= len(json.dumps(table)) + len(", ")
        if left < 0:
            break
        kept += 1
    left_out = facts.tables_left_out + len(tables) - kept
    return _document(replace(facts, tables_left_out=left_out), tables[:kept])


def facts_as_json(facts: ProductionFacts) -> str | Unavailable:
    document = facts_as_document(facts)
    return document if isinstance(document, Unavailable) else dumps(document, indent=1, end="\n")


def _document(facts: ProductionFacts, tables: list[Json]) -> dict[str, Json]:
    return {
        "version": facts.version,
        "target": facts.target,
        "read_at": facts.read_at.isoformat(),
        "schema": facts.schema,
        "server_version": facts.server_version,
        "prisma": None if facts.prisma is None else f"{facts.prisma.major}.{facts.prisma.minor}",
        "policy": facts.policy,
        "max_block": facts.max_block,
        "most_replicas": facts.most_replicas,
        "deploying_role": facts.deploying_role,
        "limits": asdict(facts.limits),
        "extensions": list(facts.extensions),
        "catalog": facts.catalog,
        "applied": [asdict(each) for each in facts.applied],
        "unfinished": list(facts.unfinished),
        "slot": None if facts.slot is None else asdict(facts.slot),
        "storage": None if facts.storage is None else {**asdict(facts.storage), "at": facts.storage.at.isoformat()},
        "tables_left_out": facts.tables_left_out,
        "tables": tables,
    }
