"""Statements of a corrective migration within a guard: it is right on the drifted database and on every other one.

What exists already as it should be is left alone, what drifted is changed, and anything else that has the name raises
an error, which changes nothing.
"""

from collections.abc import Sequence

from ...model import schema as model
from ...model.schema import Definition, Subject
from ..canonical.sql import literal
from .fragments import qualified
from .probe import INVALID, Probe
from .probes import probe_of


def guarded(
    subject: Subject,
    wanted: Definition | None,
    drifted: Definition | None,
    statements: Sequence[str],
    probe: Probe | None = None,
) -> str | None:
    """*statements*, which make *wanted* of *drifted*, in a guard; None where no guard can compare them.

    Without *wanted* they drop the object, without *drifted* they make it, or give it its name. *probe* is needed where
    the definition alone does not say all.
    """
    probe = probe or probe_of(subject, wanted or drifted)
    if probe is None:
        return None
    declared = [f"present text := {probe.present};"]
    spelling: list[str] = []
    for variable, definition in (("wanted", wanted), ("drifted", drifted)):
        if definition is not None:
            declared.append(f"{variable} text;")
            spelling += probe.spelling(definition, variable)
    refuse = _raise(subject, "present")
    if wanted is None:
        body = _if("present IS NOT NULL", [*spelling, *_if("present <> drifted", refuse), *statements])
    elif drifted is None:
        body = _if("present IS NULL", statements, [*spelling, *_made(subject, wanted, statements)])
    else:
        changing = _if("present = drifted", statements, refuse)
        body = [*_if("present IS NULL", _raise(subject, "'nothing'")), *spelling, *_if("present <> wanted", changing)]
    return block(declared, body)


def before_concurrently(subject: Subject, index: model.Index) -> str:
    """What must hold before CREATE INDEX CONCURRENTLY IF NOT EXISTS: *index* is whole or gone, and the name its own."""
    probe = probe_of(subject, index)
    assert probe is not None  # noqa: S101  # an index has one
    declared = [f"present text := {probe.present};", "wanted text;"]
    is_taken = f"present IS NULL AND to_regclass({literal(qualified(subject.name))}) IS NOT NULL"
    compared = [*probe.spelling(index, "wanted"), *_made(subject, index, ())]
    body = [*_if(is_taken, _raise(subject, "'nothing'")), *_if("present IS NOT NULL", compared)]
    return block(declared, body)


def _made(subject: Subject, wanted: Definition, statements: Sequence[str]) -> list[str]:
    """What is to be done where the object is there: a broken index is built again, another object refused."""
    refuse = _raise(subject, "present")
    if not isinstance(wanted, model.Index):
        return _if("present <> wanted", refuse)
    again = [f"DROP INDEX {qualified(subject.name)};", *statements]
    return _if(f"present = wanted || {literal(INVALID)}", again, _if("present <> wanted", refuse))


def _raise(subject: Subject, present: str) -> list[str]:
    what = literal(f"{subject} is not as this migration expects: ".replace("%", "%%") + "%")
    return [f"RAISE EXCEPTION {what}, {present};"]


def _if(condition: str, then: Sequence[str], otherwise: Sequence[str] = ()) -> list[str]:
    lines = [f"IF {condition} THEN", *map(_indented, then)]
    if otherwise:
        lines += ["ELSE", *map(_indented, otherwise)]
    return [*lines, "END IF;"]


def _indented(text: str) -> str:
    return f"    {text}"


def block(declared: Sequence[str], body: Sequence[str]) -> str:
    variables = ["DECLARE", *map(_indented, declared)] if declared else []
    text = "\n".join([*variables, "BEGIN", *map(_indented, body), "END"])
    quote = "$corrective$"
    while quote in text:
        quote = f"{quote[:-1]}_$"
    return f"DO {quote}\n{text}\n{quote};"
