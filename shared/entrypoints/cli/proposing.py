"""What ``init`` asks before it writes the settings of a target."""

import os
from argparse import Namespace
from pathlib import Path, PurePosixPath

from ...discovery.env_files import FoundUrl
from ...discovery.others import of_config
from ...discovery.production import Production
from ...discovery.project import Project, github_repository
from ...discovery.repository import Repository, read_text
from ...discovery.settings_text import CONSEQUENCES, Counted, Proposal
from ...model.endpoint import EndpointExpectation
from ...model.settings import Elsewhere
from ...model.value import dataclass
from ...report.toml import one_line
from ...settings.targets import is_name
from .asking import Asking
from .exits import UsageError
from .options import endpoints_of


@dataclass(frozen=True, slots=True)
class Proposing:
    """Asks what is to be in the settings."""

    repository: Repository
    project: Project
    options: Namespace
    asking: Asking

    def proposal(self, url: FoundUrl | None, production: Production | None) -> Proposal:
        project, options = self.project, self.options
        folder = None if project.folder == PurePosixPath() else str(project.folder)
        return Proposal(
            name=self._name(),
            path=self._path(),
            policy=self._policy(),
            variable=url.variable if url is not None else options.variable or project.variables[0],
            prisma=project.version,
            folder=folder,
            github=self._github(),
            seed_file=project.seed_file,
            seeds=self._seeds(production),
            elsewhere=self._elsewhere(production),
            endpoints=self._endpoints(),
        )

    def _name(self) -> str:
        if self.options.name is not None:
            return _name(self.options.name)
        return self.asking.valid("Name of this environment", "production", _name)

    def _path(self) -> str:
        migrations = (self.repository.root / self.project.migrations.path).resolve()
        return Path(os.path.relpath(migrations, self.options.output.parent.resolve())).as_posix()

    def _policy(self) -> str:
        policy: str | None = self.options.policy
        default = "migrate-first" if self.project.deployed_by is None else "deploy-migrates"
        return policy or self.asking.choice("Who applies migrations?", CONSEQUENCES, default)

    def _github(self) -> tuple[str, str] | None:
        config = read_text(self.repository.root / ".git" / "config")
        name = github_repository(config) if config is not None else None
        return None if name is None else (name, str(self.project.migrations.path))

    def _seeds(self, production: Production | None) -> tuple[Counted, ...]:
        counted = production.counted if production is not None and not self.options.no_seeds else ()
        if not counted:
            return ()
        named = ", ".join(f"{one_line(each.table)} ({each.rows})" for each in counted)
        question = f"The seed script writes to {named}. Alert when one holds fewer rows?"
        return counted if self.asking.agrees(question, default=True) else ()

    def _elsewhere(self, production: Production | None) -> tuple[Elsewhere, ...]:
        project = self.project
        if self.options.no_elsewhere:
            return ()
        watched = production.watched if production is not None else "public"
        found = of_config(project.config.external, watched, project.config_file or "")
        found += production.others if production is not None else ()
        return tuple(
            each
            for each in found
            if self.asking.agrees(
                f"Leave out {', '.join(map(one_line, (*each.tables, *each.schemas)))} ({one_line(each.because)})?",
                default=True,
            )
        )

    def _endpoints(self) -> tuple[EndpointExpectation, ...]:
        if self.options.endpoint is not None:
            return _endpoints(self.options.endpoint)
        question = "URL that answers 200 while the API works (empty: none yet)"
        return self.asking.valid(question, "", lambda answer: _endpoints([answer] if answer else []))


def _name(text: str) -> str:
    if not is_name(text):
        raise UsageError("a target's name is 1 to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit")
    return text


def _endpoints(urls: list[str]) -> tuple[EndpointExpectation, ...]:
    try:
        return endpoints_of(urls)
    except ValueError as error:
        raise UsageError(f"endpoint: {error}") from None
