"""What a stopped server and a failing app cause."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from ..model.app import AppReading
from ..model.facts import Facts
from ..model.finding import Cause, Finding, Severity, Step
from ..model.value import replace

_BROKEN_ENDPOINT = {"endpoint-unreachable", "endpoint-status", "endpoint-content"}
_BY_FIXING = (Step("Fix the cause first, then check again."),)
# What a gateway answers when the application does not.
_OF_THE_GATEWAY = {502, 503, 504}


class Surroundings:
    """The findings that may be behind others which have no certain cause of their own."""

    def __init__(self, findings: Iterable[Finding], facts: Facts) -> None:
        found = list(findings)
        self._server = next((each.key for each in found if each.code == "server-unavailable"), None)
        # Where only the newest revision fails, users still get the one before.
        failing = (each for each in found if each.code == "app-unhealthy" and each.severity is Severity.CRITICAL)
        self._app = next((each.key for each in failing), None)
        self._failed = [each.key for each in found if each.code == "migration-failed"]
        self._deployment_migrates = facts.target.policy == "deploy-migrates"
        self._hosts = facts.app.hosts if isinstance(facts.app, AppReading) else ()
        self._host_of = {each.name: urlsplit(each.url).hostname for each in facts.target.endpoints}

    def explained(self, finding: Finding) -> Finding:
        """Give *finding* with its causes, each after those that it has."""
        if any(cause.certain for cause in finding.because):
            return finding
        if finding.code in _BROKEN_ENDPOINT:
            causes = tuple(self._behind_endpoint(finding))
            remedy = _BY_FIXING if any(cause.certain for cause in causes) else finding.remedy
        elif finding.code == "app-unhealthy":
            causes, remedy = tuple(self._behind_app()), finding.remedy
        else:
            return finding
        return replace(finding, because=(*finding.because, *causes), remedy=remedy)

    def _behind_endpoint(self, finding: Finding) -> Iterator[Cause]:
        """Only the gateway answers for a failed app. If the app itself answers, its health is only a possible cause."""
        if self._app is not None:
            is_its_own = self._host_of.get(finding.subject) in self._hosts
            is_silent = finding.code == "endpoint-unreachable" or finding.evidence.get("status") in _OF_THE_GATEWAY
            yield Cause(self._app, certain=is_its_own and is_silent)
        elif self._server is not None:
            yield Cause(self._server, certain=False)

    def _behind_app(self) -> Iterator[Cause]:
        """A container that migrates when it starts does not start where a migration fails."""
        if self._server is not None:
            yield Cause(self._server, certain=False)
        elif self._deployment_migrates:
            yield from (Cause(key, certain=False) for key in self._failed)
