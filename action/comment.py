"""One comment on a pull request, updated in place."""

import json
from collections.abc import Iterator
from typing import Any

from action.asking import Answer, NoReplyError, ask
from action.workflow import Workflow, cut

# GitHub takes no longer comment.
_LARGEST = 65_536
_SECONDS = 30.0
_MOST_PAGES = 20
# `viewerDidAuthor`: a comment of somebody else that has the mark is not overwritten.
_COMMENTS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        nodes { databaseId viewerDidAuthor body }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


def keep(markdown: str, token: str, workflow: Workflow, *, only_if_there: bool) -> None:
    """Write *markdown* into the comment of before, or into a new one unless *only_if_there*.

    A comment that cannot be written is a warning: the summary has the same.
    """
    number = workflow.event().get("pull_request", {}).get("number")
    if not isinstance(number, int):
        return
    mark = f"<!-- migration-monitor: plan of {workflow.input('migrations').replace('--', '')} -->"
    body = f"{mark}\n{cut(markdown, _LARGEST - 1_000)}"
    try:
        _write(_GitHub(token, workflow), number, mark, body, only_if_there=only_if_there)
    except NoReplyError as error:
        workflow.annotate("warning", f"The comment was not written: {error}")


def _write(github: "_GitHub", number: int, mark: str, body: str, *, only_if_there: bool) -> None:
    before = next((each for each in github.comments(number) if each["body"].startswith(mark)), None)
    if before is None:
        if not only_if_there:
            github.send("POST", f"issues/{number}/comments", {"body": body})
    elif before["body"].strip() != body.strip():
        github.send("PATCH", f"issues/comments/{before['databaseId']}", {"body": body})


class _GitHub:
    def __init__(self, token: str, workflow: Workflow) -> None:
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        }
        self._repository = workflow.environ["GITHUB_REPOSITORY"]
        self._api = workflow.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
        self._graphql = workflow.environ.get("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql")

    def comments(self, number: int) -> Iterator[dict[str, Any]]:
        """The comments that this token wrote, oldest first."""
        owner, _, name = self._repository.partition("/")
        after = None
        for _ in range(_MOST_PAGES):
            asked = {"owner": owner, "name": name, "number": number, "after": after}
            answer = self._asked("POST", self._graphql, {"query": _COMMENTS, "variables": asked})
            try:
                page = json.loads(answer.body)["data"]["repository"]["pullRequest"]["comments"]
                yield from (each for each in page["nodes"] if each["viewerDidAuthor"])
                after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
            except (ValueError, KeyError, TypeError):
                raise NoReplyError("GitHub does not list the comments: may the token read pull requests?") from None
            if not goes_on:
                return

    def send(self, method: str, path: str, document: dict[str, str]) -> None:
        self._asked(method, f"{self._api}/repos/{self._repository}/{path}", document)

    def _asked(self, method: str, url: str, document: dict[str, Any]) -> Answer:
        answer = ask(method, url, self._headers, json.dumps(document).encode(), _SECONDS)
        if not 200 <= answer.status < 300:
            needs = ": it needs pull-requests: write" if answer.status in {401, 403, 404} else ""
            raise NoReplyError(f"GitHub answered {answer.status} to the token{needs}")
        return answer
