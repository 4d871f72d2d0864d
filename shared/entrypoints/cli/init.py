"""``migration-monitor init``: find out from an application's repository what to watch, write it down, check once."""

import os
import shlex
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.phrases import counted
from ...report.toml import one_line
from ...report.wording import printable
from .asking import Asking
from .called import called
from .exits import PASSED, UsageError
from .output import progress, say, write_text

if TYPE_CHECKING:
    from ...discovery.env_files import FoundUrl
    from ...discovery.production import Production
    from ...discovery.project import Migrations, Project
    from ...discovery.repository import Repository
    from ...discovery.settings_text import Proposal
    from ...model.report import Report
    from ...run.lowering import Lowering

_DESCRIPTION = """\
Find out from an application's repository what to watch, write it as a settings file,
and check once. Files are read as text and not executed, but for the application's Prisma
where --run-prisma says so; the database is only read.
"""
_EPILOGUE = """\
The value of the connection URL is used to connect. It is never written or printed.
Ends with 0 once the settings are written, whatever the first check finds.

examples:
  migration-monitor init                   asks what it cannot know
  migration-monitor init --yes             takes the defaults, for a pipeline
  migration-monitor init --yes --policy deploy-migrates \\
                         --endpoint https://api.example.com/health
"""
_POLICIES = ("migrate-first", "deploy-migrates")
_MOST_LISTED = 8
_USUAL = "monitor.toml"


def register(parser: ArgumentParser) -> None:
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOGUE
    parser.formatter_class = RawDescriptionHelpFormatter
    found = parser.add_argument_group("what is found")
    found.add_argument(
        "--repository", type=Path, default=Path(), metavar="FOLDER", help="the application's (default: this one)"
    )
    found.add_argument("--migrations", metavar="PATH", help="of several folders of migrations this one")
    found.add_argument("--variable", metavar="NAME", help="the variable with the connection URL (default: Prisma's)")
    found.add_argument(
        "--env-file", type=Path, metavar="FILE", help="where the variable is set (default: .env beside Prisma's files)"
    )
    found.add_argument("--no-connect", action="store_true", help="do not read the database, and do not check")
    answers = parser.add_argument_group("answers")
    answers.add_argument("--yes", action="store_true", help="ask nothing: take the default of each question")
    answers.add_argument("--name", metavar="NAME", help="the target's, in reports (default: production)")
    answers.add_argument(
        "--policy", choices=_POLICIES, help="what a pending migration is (default: by the start script)"
    )
    answers.add_argument("--endpoint", action="append", default=None, metavar="URL", help="must answer 200; repeatable")
    answers.add_argument("--no-seeds", action="store_true", help="expect no rows of the tables of the seed script")
    answers.add_argument("--no-elsewhere", action="store_true", help="compare what belongs to other programs, too")
    answers.add_argument("--role", default="migration_monitor", metavar="NAME", help="the role of the printed grants")
    answers.add_argument(
        "--run-prisma", action="store_true", help="have the application's Prisma show what schema.prisma needs"
    )
    answers.add_argument("--baseline", action="store_true", help="accept the drift that the first check finds")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(_USUAL),
        metavar="FILE",
        help="default: monitor.toml; must not exist",
    )
    parser.set_defaults(run=_init)


def _init(options: Namespace) -> int:
    asking = Asking(takes_defaults=options.yes)
    _insist_on_new(options.output)
    repository = _repository(options.repository)
    project = _project(repository, options, asking)
    url = _url(repository, project, options)
    _print_found(repository, project, url)
    production = _production(project, url, options, asking)
    from .proposing import Proposing  # noqa: PLC0415  # `--help` needs none of it

    proposal = Proposing(repository, project, options, asking).proposal(url, production)
    _write(options.output, proposal)
    write_text(printable(f"\nWrote {options.output}.\n"), None)
    if url is not None and production is not None:
        _check(proposal.name, url, _lowering(repository, project, options, asking), options, asking)
    else:
        write_text("\nNot checked: the database was not read.\n", None)
    _print_grants(proposal, production, options)
    _print_last(repository, project, url, options)
    return PASSED


def _insist_on_new(output: Path) -> None:
    if output.is_symlink() or output.exists():
        raise UsageError(f"{output} exists, and nothing is overwritten: name another file with --output")
    if not output.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no folder {output.parent}")


def _repository(folder: Path) -> "Repository":
    from ...discovery.repository import read_repository  # noqa: PLC0415  # `--help` needs none of it

    try:
        with progress(f"reading {folder.absolute()} …"):
            return read_repository(folder)
    except OSError as error:
        raise UsageError(f"cannot read the folder {folder}: {error.strerror}") from None


def _project(repository: "Repository", options: Namespace, asking: Asking) -> "Project":
    from ...discovery.project import is_for_postgres, migrations_in, project_of  # noqa: PLC0415  # as above

    found = migrations_in(repository)
    usable = [each for each in found if is_for_postgres(each)]
    if options.migrations is not None:
        chosen = _named(found, repository, options.migrations)
    elif len(usable) == 1:
        chosen = usable[0]
    elif usable and not options.yes:
        choices = {str(each.path): counted(each.count, "migration") for each in usable}
        answer = asking.choice("Which migrations does production run?", choices, str(usable[0].path))
        chosen = next(each for each in usable if str(each.path) == answer)
    else:
        raise UsageError(_why_none_is_chosen(repository, found, usable))
    return project_of(repository, chosen)


def _named(found: "list[Migrations]", repository: "Repository", path: str) -> "Migrations":
    wanted = (repository.root / path).resolve()
    wanted_here = Path(path).resolve()
    for each in found:
        if (repository.root / each.path).resolve() in (wanted, wanted_here):
            return each
    raise UsageError(f"--migrations {path}: there are no Prisma migrations in such a folder of the repository")


def _why_none_is_chosen(repository: "Repository", found: "list[Migrations]", usable: "list[Migrations]") -> str:
    if usable:
        named = ", ".join(f"{one_line(str(each.path))} ({each.count})" for each in usable[:_MOST_LISTED])
        each = "run init for each, with another --migrations and --output"
        return f"several folders of migrations: {named}. Name one with --migrations; to watch more, {each}"
    if found:
        named = ", ".join(f"{one_line(str(each.path))} is for {each.provider}" for each in found[:_MOST_LISTED])
        return f"there are no migrations for PostgreSQL: {named}"
    place = repository.root.absolute()
    if any(each.endswith(".prisma") for each in repository.files):
        return f"{place} has a Prisma schema and no migrations (`db push` keeps none): the monitor compares migrations"
    return f"there are no Prisma migrations below {place}: run init in the application's repository"


def _url(repository: "Repository", project: "Project", options: Namespace) -> "FoundUrl | None":
    from ...discovery.env_files import FoundUrl, find_url, url_of  # noqa: PLC0415  # as above
    from ...settings import environment  # noqa: PLC0415  # as above

    variables = (options.variable,) if options.variable else project.variables
    if options.env_file is not None:
        found = url_of(options.env_file, os.path.relpath(options.env_file, repository.root), variables)
        if found is None:
            raise UsageError(f"--env-file {options.env_file}: no such file that sets {' or '.join(variables)}")
        return found
    for variable in variables:
        if value := environment().get(variable):
            return FoundUrl(variable, value)
    return find_url(repository, project.env_files, variables)


def _print_found(repository: "Repository", project: "Project", url: "FoundUrl | None") -> None:
    from ...discovery.wording import found_lines  # noqa: PLC0415  # as above

    lines = [f"{title:<12} {one_line(text)}" for title, text in found_lines(project, url)]
    more = "" if repository.whole else " (not all of it: there are too many files)"
    write_text(printable(f"Found in {repository.root.absolute()}{more}:") + "\n", None)
    write_text("".join(f"  {line}\n" for line in lines), None)


def _production(project: "Project", url: "FoundUrl | None", options: Namespace, asking: Asking) -> "Production | None":
    """Read the database, if it may be read; None where it was not."""
    if url is None or options.no_connect:
        return None
    from ...discovery.production import NotReadError, host_of, place_of, read_production  # noqa: PLC0415  # as above
    from ...discovery.wording import hint  # noqa: PLC0415  # as above
    from ...settings import environment, ssl_root_cert  # noqa: PLC0415  # as above

    try:
        place = place_of(url)
        if not asking.agrees(f"Read {place}? Nothing is written there.", default=True):
            return None
        with progress(f"reading {place} …"):
            return read_production(url, project, ssl_root_cert(environment()))
    except NotReadError as error:
        say(f"{url.variable}: {error}{hint(project, host_of(url.value))}")
        return None


def _write(output: Path, proposal: "Proposal") -> None:
    """Write the file, unless somebody made one meanwhile."""
    from ...discovery.settings_text import settings_text  # noqa: PLC0415  # as above

    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(settings_text(proposal))
    except FileExistsError:
        raise UsageError(f"{output} exists, and nothing is overwritten: name another file with --output") from None
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None


def _lowering(repository: "Repository", project: "Project", options: Namespace, asking: Asking) -> "Lowering | None":
    """Have the application's own Prisma lower its schema, where it is installed and somebody agrees to run it."""
    from ...gather.prisma_cli import is_installed  # noqa: PLC0415  # as above
    from ...run.lowering import Lowering  # noqa: PLC0415  # as above
    from ...settings import environment  # noqa: PLC0415  # as above

    files = [repository.root / each for each in project.schema_files]
    if not files:
        return None
    schema = files[0] if len(files) == 1 else Path(os.path.commonpath([each.parent for each in files]))
    if not is_installed(schema, environment()):
        return None
    question = "Have the application's Prisma show what schema.prisma needs? That runs its prisma.config.ts."
    agreed = options.run_prisma or asking.agrees(question, default=False)
    return Lowering(schema, environment()) if agreed else None


def _check(name: str, url: "FoundUrl", lowering: "Lowering | None", options: Namespace, asking: Asking) -> None:
    from ...model.report import Trigger  # noqa: PLC0415  # as above
    from ...report.forms import render_pieces  # noqa: PLC0415  # as above
    from ...run import run  # noqa: PLC0415  # as above
    from ...settings import environment, load_settings  # noqa: PLC0415  # as above
    from ..watched import named_target  # noqa: PLC0415  # as above
    from .options import sound  # noqa: PLC0415  # as above
    from .output import terminal_style  # noqa: PLC0415  # as above

    environ = {**environment(), url.variable: url.value}
    settings = load_settings(options.output, environ, notifies=False)
    target = sound(named_target(settings, name))
    with progress(f"{target.name}: checking …"):
        report = run(target, Trigger.TERMINAL, lowering=lowering)
    width, colour = terminal_style()
    write_text("\n" + "".join(render_pieces([report], "text", width=width, colour=colour)), None)
    _offer_baseline(report, options, asking)


def _offer_baseline(report: "Report", options: Namespace, asking: Asking) -> None:
    from .baseline import as_accepted, drift  # noqa: PLC0415  # as above

    found = drift(report)
    if not found:
        return
    count = f"{len(found)} difference{'' if len(found) == 1 else 's'} of the schema"
    accepted = options.baseline or asking.agrees(
        f"\nAccept today's {count} for 90 days, to be reviewed in {options.output}?", default=False
    )
    if not accepted:
        write_text(printable(f"\n{count} found. `{called()} baseline` prints lines that accept them.\n"), None)
        return
    with options.output.open("a", encoding="utf-8") as file:
        file.write("\n" + as_accepted(found, report.started_at.date()))
    write_text(printable(f"\nAccepted {count} in {options.output}: give each a reason.\n"), None)


def _print_grants(proposal: "Proposal", production: "Production | None", options: Namespace) -> None:
    if production is None:
        return
    from ...discovery.grants import grants  # noqa: PLC0415  # as above

    tables = [each.table for each in proposal.seeds]
    statements = grants(options.role, production.database, production.watched, tables, production.catalog)
    head = (
        "A deployed monitor reads with a role of its own. The owner of the tables makes it, then sets its \\password:"
    )
    write_text(f"\n{head}\n\n" + "".join(f"  {printable(each)}\n" for each in statements), None)


def _print_last(repository: "Repository", project: "Project", url: "FoundUrl | None", options: Namespace) -> None:
    """The last line sets the variable in a shell, unless it is set: no value, and no URL that init refuses."""
    from ...discovery.production import is_distrusted  # noqa: PLC0415  # as above
    from ...discovery.wording import export_line  # noqa: PLC0415  # as above

    config = "" if str(options.output) == _USUAL else f" --config {shlex.quote(str(options.output))}"
    usable = None if url is None or is_distrusted(url) else url
    if usable is not None and usable.file is None:
        write_text(printable(f"\nNext: run `{called()} check{config}`.\n"), None)
        return
    write_text(printable(f"\nNext: set the connection URL, then run `{called()} check{config}`.\n"), None)
    above = Path(os.path.relpath(repository.root)).as_posix()
    above = above if above.startswith(("/", ".")) else f"./{above}"
    write_text(export_line(project, usable, above) + "\n", None)
