"""``migration-monitor remedy``: how to fix the findings, as text or as a script that first checks the state again."""

from argparse import ArgumentParser, Namespace

from ...model.report import Trigger
from ...report.script import as_script, why_no_script
from ...run import run
from ...settings import environment, settings_path
from .called import words_to_call_again
from .exits import UsageError, exit_status
from .options import add_target_options, is_direct, one_target
from .output import add_output_file, progress, write_text

_DESCRIPTION = """\
Write the steps that fix the findings as a shell script. The script first checks that
nothing has changed since it was written, statement by statement; otherwise it does
nothing. It asks on the terminal for steps that only a person can do.
"""
_EPILOGUE = """\
example:
  migration-monitor remedy --script --target production --output fix.sh && less fix.sh && bash fix.sh
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument("--script", action="store_true", required=True, help="write a shell script")
    add_target_options(parser)
    add_output_file(parser)
    parser.set_defaults(run=_remedy)


def _remedy(options: Namespace) -> int:
    if options.database_url is not None:
        raise UsageError("set the URL in the environment as DATABASE_URL: a script must not contain a password")
    target = one_target(options)
    with progress(f"{target.name}: reading …"):
        report = run(target, Trigger.TERMINAL)
    reason = why_no_script(report)
    if reason is not None:
        raise UsageError(f"{target.name}: {reason}")
    write_text(as_script(report, _same_check(options)), options.output)
    return exit_status([report], strict=False)


def _same_check(options: Namespace) -> list[str]:
    """Give the call of `check` that looks at the same target, wherever the script is run from."""
    words = [*words_to_call_again(), "check"]
    if is_direct(options):
        words += ["--migrations", str(options.migrations.resolve())]
    else:
        words += ["--config", str((options.config or settings_path(environment())).resolve())]
    for option in ("target", "schema"):
        value = getattr(options, option)
        words += [] if value is None else [f"--{option}", value]
    words += [] if options.prisma is None else ["--prisma", "{}.{}".format(*options.prisma)]
    for option in ("seed", "endpoint"):
        words += [word for value in getattr(options, option) for word in (f"--{option}", value)]
    return words
