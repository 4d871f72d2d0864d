"""The settings file that is proposed: commented, and valid by the settings' own reader. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from ..model.endpoint import EndpointExpectation
from ..model.settings import Elsewhere
from ..model.value import dataclass
from ..report.toml import basic_string, one_line

# What each policy takes a pending migration for.
CONSEQUENCES: Mapping[str, str] = {
    "migrate-first": "migrations are applied before each deployment: a pending one is an alert at once",
    "deploy-migrates": "the deployment applies them itself: a pending one is an alert only once its release runs",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A *table* that the seed script writes to, and how many *rows* it holds now."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that goes into the file. *path* leads to the migrations from the folder of the file itself."""

    name: str
    path: str
    policy: str
    variable: str
    prisma: tuple[str, str] | None = None  # the version, and the file that says it
    folder: str | None = None
    github: tuple[str, str] | None = None  # owner/name, and the migrations below its root
    seed_file: str | None = None
    seeds: Sequence[Counted] = ()
    elsewhere: Sequence[Elsewhere] = ()
    endpoints: Sequence[EndpointExpectation] = ()


def settings_text(proposal: Proposal) -> str:
    return "\n".join(_lines(proposal)) + "\n"


def _lines(proposal: Proposal) -> Iterator[str]:
    yield from (
        "# Migration Monitor: what to watch. Written by `init`; monitor.example.toml explains every setting.",
        "# A line that begins with # and a key is a suggestion: remove the # and fill it in.",
        "",
        "[[target]]",
        f"name = {basic_string(proposal.name)}",
        f"policy = {basic_string(proposal.policy)} # {CONSEQUENCES[proposal.policy]}",
    )
    if proposal.prisma is not None:
        version, file = proposal.prisma
        yield f"prisma = {basic_string(version)} # As {one_line(file)} has it: it decides how Prisma runs a file"
    yield from (
        "",
        "[target.release] # What production is meant to run",
        'source = "folder" # This checkout. A monitor elsewhere reads the same from github, image, blob or archive',
        f"path = {basic_string(proposal.path)}",
    )
    if proposal.github is not None:
        repository, migrations = proposal.github
        yield from (
            '#source = "github" # Instead of the two lines above: the latest release, or a `ref`, of the repository',
            f"#repository = {basic_string(repository)}",
            f"#migrations = {basic_string(migrations)}",
        )
    yield from (
        "",
        "[target.database] # Only ever read. The value stays in the environment",
        f"url = {basic_string(f'env:{proposal.variable}')}",
    )
    if proposal.folder is not None:
        yield from (
            "",
            "[target.remedy] # Where printed commands are run",
            f"folder = {basic_string(proposal.folder)}",
        )
    yield from _seeds(proposal)
    yield from _elsewhere(proposal)
    yield from _endpoints(proposal)
    yield from (
        "",
        "# Who is notified. Without a channel nobody is.",
        "#[[alerts.channel]]",
        '#name = "team"',
        '#kind = "slack" # Or teams, email, webhook, pagerduty',
        '#url = "env:SLACK_WEBHOOK_URL"',
    )


def _seeds(proposal: Proposal) -> Iterator[str]:
    for each in proposal.seeds:
        yield from (
            "",
            f"[[target.seed]] # {one_line(proposal.seed_file or 'The seed script')} writes to it",
            f"table = {basic_string(each.table)}",
            f"min = {each.rows} # As many rows as when this file was written; `exact` is stricter",
        )
    if not proposal.seeds:
        yield from ("", "#[[target.seed]] # Rows that must exist", '#table = "users"', "#min = 1")


def _elsewhere(proposal: Proposal) -> Iterator[str]:
    for each in proposal.elsewhere:
        yield from (
            "",
            "[[target.elsewhere]] # Belongs to something else: not compared, and counted in every report",
            *(
                f"{key} = [{', '.join(map(basic_string, patterns))}]"
                for key, patterns in (("tables", each.tables), ("schemas", each.schemas))
                if patterns
            ),
            f"because = {basic_string(each.because)}",
        )


_ENDPOINT = "[[target.endpoint]] # A request that must be answered with 200"


def _endpoints(proposal: Proposal) -> Iterator[str]:
    for each in proposal.endpoints:
        yield from (
            "",
            _ENDPOINT,
            f"name = {basic_string(each.name)}",
            f"url = {basic_string(each.url)}",
        )
    if not proposal.endpoints:
        yield from (
            "",
            f"#{_ENDPOINT}",
            '#name = "health"',
            '#url = "https://api.example.com/health"',
            '#tables = ["users"] # The tables behind it: what is wrong with them then explains what is wrong here',
        )
