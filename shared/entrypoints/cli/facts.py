"""``migration-monitor facts``: what a plan elsewhere needs to know of a production, without any value of a row."""

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from ...model.knowledge import Unavailable
from .exits import PASSED, UNKNOWN
from .options import add_target_options, one_target
from .output import add_output_file, progress, say, write_text

_DESCRIPTION = """\
Print what the plan of a pull request needs to know of a production, as JSON: names of
applied migrations, sizes of tables, which part of a column is NULL as statistics say,
limits of the role that deploys, extensions, versions, a digest of the catalog.
No value of any row is read.
"""
_EPILOGUE = """\
exit status:
  0  the facts are printed
  1  the production cannot be read, or the call or the settings are wrong

examples:
  migration-monitor facts --target production --output production.json
  migration-monitor facts --migrations prisma/migrations          the database of DATABASE_URL
  migration-monitor plan --migrations prisma/migrations --facts production.json
"""
# Beside the target's own deadline.
_LONGEST = timedelta(minutes=10)


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    add_target_options(parser)
    add_output_file(parser)
    parser.set_defaults(run=_print)


def _print(options: Namespace) -> int:
    from ...report.production_facts import facts_as_json  # noqa: PLC0415  # `--help` needs none of it
    from ...run.production_facts import read_production_facts  # noqa: PLC0415  # as above

    target = one_target(options)
    with progress(f"{target.name}: reading …"):
        facts = read_production_facts(target, _LONGEST)
    text = facts if isinstance(facts, Unavailable) else facts_as_json(facts)
    if isinstance(text, Unavailable):
        say(f"{target.name}: there are no facts: {text.because}")
        return UNKNOWN
    write_text(text, options.output)
    return PASSED
