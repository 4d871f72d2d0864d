"""``mode: verify``: ask a monitor before or after a deployment, and wait for its answer."""

import json
import time
from dataclasses import dataclass
from typing import Any

from action.asking import Answer, NoReplyError, ask, same_place
from action.workflow import InputError, Workflow, cut

# The monitor answers within two minutes and one check; Azure's front end cuts off after 230 seconds.
_SECONDS = 240.0
_LONGEST_WAIT, _LONGEST_PATIENCE = 3_600, 3_600
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0
_VERDICTS = ("passed", "warning", "failed", "unknown")
_LARGEST_SUMMARY = 1_000_000


@dataclass(frozen=True)
class _Said:
    """The monitor's answer: a *verdict*, or *because* of what there is none; *report* is its JSON."""

    verdict: str
    because: str = ""
    report: dict[str, Any] | None = None


def run(workflow: Workflow) -> int:
    """Ask, summarize, and give the exit status."""
    phase = workflow.choice("phase", ("before", "after", "aborted"))
    on_unknown = workflow.on_unknown()
    said = _asked(workflow, phase)
    workflow.output("verdict", said.verdict)
    if said.report is not None:
        file = workflow.temporary("result.json")
        file.write_text(json.dumps(said.report, indent=2), encoding="utf-8")
        workflow.output("json", str(file))
    workflow.summarize(_summary(said, phase))
    target = f"{workflow.input('target') or 'the target'} ({phase} the deployment)"
    if phase == "aborted":
        target = f"{workflow.input('target') or 'the target'} (the deployment was aborted)"
    match said.verdict:
        case "failed":
            workflow.annotate("error", f"{target}: failed. {said.because}")
            return 1
        case "unknown":
            workflow.annotate("error" if on_unknown else "warning", f"{target}: unknown. {said.because}")
            return on_unknown
        case "warning":
            workflow.annotate("warning", f"{target}: passed, with warnings. {said.because}")
        case _:
            workflow.annotate("notice", f"{target}: passed. {said.because}".rstrip())
    return 0


def _asked(workflow: Workflow, phase: str) -> _Said:
    wait = workflow.seconds("wait", _LONGEST_WAIT)
    patience = workflow.seconds("patience", _LONGEST_PATIENCE)
    url, key = workflow.needed("url"), workflow.input("key")
    headers = {"Content-Type": "application/json", **({"x-functions-key": key} if key else {})}
    question = {"phase": phase, "wait_seconds": wait, "id": _id(workflow, phase)}
    question |= {name: value for name in ("target", "release") if (value := workflow.input(name))}
    return _answer(_Question(url, headers, json.dumps(question).encode()), time.monotonic() + wait + patience)


def _id(workflow: Workflow, phase: str) -> str:
    """The same for each try of this attempt; another one for the next attempt, which asks again."""
    return workflow.input("id") or f"{workflow.own_id()}/{phase}"[-128:].lstrip("/._:+@#=-")


@dataclass(frozen=True)
class _Question:
    url: str
    headers: dict[str, str]
    body: bytes


def _answer(question: _Question, end: float) -> _Said:
    """Ask until there is an answer that more waiting does not change, or the time is up.

    The question has an id: a monitor that answered, and whose answer was lost, gives the same one again.
    """
    method, url, body, pause = "POST", question.url, question.body, _FIRST_PAUSE
    because = "the monitor was not asked: the time was up before"
    while (left := end - time.monotonic()) > 0:
        try:
            answer = ask(method, url, question.headers, body or None, min(_SECONDS, left + 1))
        except NoReplyError as error:
            because = f"The monitor did not answer: {error}."
            asked_for = None
        else:
            said = _said(answer)
            if said is not None:
                return said
            because = f"The monitor answered {answer.status} until the time was up."
            if answer.status == 202:
                there = same_place(question.url, answer.headers.get("location", ""))
                if there is None:
                    return _Said("unknown", "The monitor names no address at which it goes on waiting.")
                method, url, body = "GET", there, b""
            asked_for = answer.headers.get("retry-after", "")
        seconds = float(asked_for) if asked_for and asked_for.isdecimal() else pause
        pause = min(2 * pause, _LONGEST_PAUSE)
        time.sleep(max(0.0, min(seconds, _LONGEST_PAUSE, end - time.monotonic())))
    return _Said("unknown", because)


def _said(answer: Answer) -> _Said | None:
    """Give the monitor's answer; None where it may be another one later."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    document: dict[str, Any] = found if isinstance(found, dict) else {}
    if answer.status in {200, 409, 503} and (verdict := _verdict(document)) is not None:
        return verdict
    match answer.status:
        case 400:
            raise InputError(f"the monitor refuses `{document.get('field')}`: {document.get('error')}")
        case 401 | 403 | 404:
            return _Said("unknown", f"HTTP {answer.status}: the monitor refuses the `key`, or the `url` is wrong.")
        case 202 | 408 | 429 | 500 | 502 | 503 | 504:
            return None
        case status:
            return _Said("unknown", f"HTTP {status}: this is no answer of a monitor.")


def _verdict(document: dict[str, Any]) -> _Said | None:
    if document.get("phase") == "aborted" and "findings" not in document:
        return _Said("passed", "The alerts of the deployment are no longer held back.")
    verdict = document.get("verdict")
    if verdict not in _VERDICTS:
        return None
    if "findings" not in document:
        return _Said(verdict, str(document.get("error", "")))
    return _Said(verdict, _headline(document), document)


def _headline(document: dict[str, Any]) -> str:
    from shared.report.reading import NoReportError, as_report
    from shared.report.wording import headline, printable

    try:
        return printable(headline(as_report(document)))
    except NoReportError:
        return f"{len(document['findings'])} findings."


def _summary(said: _Said, phase: str) -> str:
    from shared.report.markdown import as_markdown, escaped
    from shared.report.reading import NoReportError, as_report

    if said.report is not None:
        try:
            return cut(as_markdown(as_report(said.report)), _LARGEST_SUMMARY)
        except NoReportError:
            pass  # a newer monitor, or one that left findings out of a long report
    return f"## Migration Monitor, {phase}: {said.verdict}\n\n{escaped(said.because)}\n"
