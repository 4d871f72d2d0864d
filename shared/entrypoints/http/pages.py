"""What is shown of targets: the status page, the last report, a badge, metrics.

All of it comes from memory documents and last reports: no request reads a database, however often it is sent.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote, urlencode

from ...alerts.links import Purpose
from ...memory.document import written
from ...model.settings import BrokenTarget, Target
from ...report.badge import as_shields, as_svg, badge_of
from ...report.html.page import Access, Form, Remembered, fleet_page, target_page
from ...report.html.rendering import content_security_policy
from ...report.openmetrics import CONTENT_TYPE, as_openmetrics
from ..remembered import all_briefs, all_remembered, remembered
from .admission import Reader, admitted
from .admission.link import link_key
from .answer import HttpAnswer, not_found, not_read
from .call import HttpCall
from .forms import form_for
from .site import Site

_HTML, _JSON, _SVG = "text/html; charset=utf-8", "application/json", "image/svg+xml; charset=utf-8"
# The link of a page admits everybody who has it: it is sent nowhere, and no other page may show this one.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Vary": "Authorization, X-Monitor-Key",
}
_NOTHING_ELSE = "default-src 'none'; frame-ancestors 'none'"
# To read more targets for the page of one takes too long.
_MOST_BESIDE = 12
_LINKS = (Purpose.PAGE, Purpose.WEEK)
_NOTICES = {
    "silenced": "The silence is saved. Your channels are notified of it with the next check.",
    "queued": "A check is queued. Load this page again in a minute.",
    "seen": "Thank you: the weekly message is confirmed.",
    "nothing-open": "Nothing was silenced: that incident is no longer open.",
    "refused": "Nothing was done: the form had expired, or was sent before. Send it again from here.",
}


def status(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``GET /api/status``: all targets; ``/TARGET``: one. A signed link shows its own target alone."""
    if not call.target:
        return not_found() if admitted(call, site, now) is None else _slashless(call) or _fleet(call, site, now)
    reader, target = admitted(call, site, now, *_LINKS), site.target(call.target)
    if reader is None or target is None:
        return not_found()
    return _slashless(call) or _of_target(call, site, target, reader, now)


def report(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``GET /api/report/TARGET``: the JSON of the last report."""
    target = site.target(call.target)
    if admitted(call, site, now, *_LINKS) is None or target is None:
        return not_found()
    state = remembered(target, site.settings)
    if state.report is None:
        return not_read(state.broken or "there is no report of this target yet")
    text = json.dumps(state.report)
    return _shown(call, text, _JSON, _etag(text))


def badge(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``GET /api/badge/TARGET``: a picture, or with ``?format=shields`` what shields.io makes one of.

    A link that was signed for it shows the badge alone, and has no end.
    """
    target = site.target(call.target)
    if admitted(call, site, now, Purpose.BADGE) is None or target is None:
        return not_found()
    made = badge_of(remembered(target, site.settings), now)
    if call.query.get("format") == "shields":
        text = json.dumps(as_shields(made))
        return _shown(call, text, _JSON, _etag(text))
    text = as_svg(made)
    return _shown(call, text, _SVG, _etag(text))


def metrics(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``GET /api/metrics``: all targets for Prometheus, whose `authorization` setting sends the viewer key."""
    if call.target or admitted(call, site, now) is None:
        return not_found()
    text = as_openmetrics(all_briefs(site.settings), now)
    return _shown(call, text, CONTENT_TYPE, _etag(text))


def _of_target(call: HttpCall, site: Site, target: Target | BrokenTarget, reader: Reader, now: datetime) -> HttpAnswer:
    state, beside = remembered(target, site.settings, with_changes=True), _beside(site, reader, target.name)
    # Ages are said in minutes, and a form lives longer than that.
    minute = f"{now:%Y-%m-%dT%H:%M}"
    said = (each.broken or _document_of(each) for each in (state, *beside))
    etag = _etag(minute, reader.id, call.query.get("done", ""), *said)
    if etag == _known(call, etag):
        return _unchanged(etag)
    html = target_page(state, now, _access(call, site, reader, now), beside)
    return _shown(call, html, _HTML, etag, content_security_policy())


def _beside(site: Site, reader: Reader, name: str) -> Sequence[Remembered]:
    """Give the other targets than *name*, to stand beside it; none where there are many, or to who has a link."""
    count = len(site.settings.targets) + len(site.settings.broken)
    return all_remembered(site.settings, but=name) if reader.link is None and 1 < count <= _MOST_BESIDE else ()


def _fleet(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    text = fleet_page(all_briefs(site.settings), now, Access(target="status/{}"))
    return _shown(call, text, _HTML, _etag(text), content_security_policy())


def _access(call: HttpCall, site: Site, reader: Reader, now: datetime) -> Access:
    """Give what *reader* may do. Without a key that signs there is no form."""
    key, name = link_key(site.settings.alerts), quote(call.target, safe="")
    is_free = reader.link is None

    def form(purpose: Purpose, *, wanted: bool = True) -> Form | None:
        return form_for(reader, purpose, call.target, key, now) if key is not None and wanted else None

    return Access(
        silence=form(Purpose.SILENCE),
        check_now=form(Purpose.CHECK, wanted=site.queues),
        seen=form(Purpose.SEEN, wanted=reader.purpose is Purpose.WEEK),
        fleet="../status" if is_free else None,
        target="{}" if is_free else None,
        report=f"../report/{name}" + ("" if is_free else f"?{urlencode({'link': reader.link or ''})}"),
        reader=reader.name,
        notice=_NOTICES.get(call.query.get("done", "")),
    )


def _document_of(state: Remembered) -> str:
    memory = "" if state.memory is None else sha256(written(state.memory)).hexdigest()
    return f"{memory} {state.report is not None}"


def _slashless(call: HttpCall) -> HttpAnswer | None:
    """Give 308 where the address ends with a slash: the links of a page start from where it is."""
    if not call.path.endswith("/"):
        return None
    query = f"?{urlencode(call.query)}" if call.query else ""
    location = f"../{quote(call.target or 'status', safe='')}{query}"
    return HttpAnswer(HTTPStatus.PERMANENT_REDIRECT, "", {**_HEADERS, "Location": location})


def _shown(call: HttpCall, text: str, media_type: str, etag: str, policy: str = _NOTHING_ELSE) -> HttpAnswer:
    if _known(call, etag) == etag:
        return _unchanged(etag)
    # A name may hold half a surrogate pair, which no page can.
    body = text.encode("utf-8", "replace").decode()
    headers: Mapping[str, str] = {**_HEADERS, "ETag": etag, "Content-Security-Policy": policy}
    return HttpAnswer(HTTPStatus.OK, body, headers, media_type)


def _unchanged(etag: str) -> HttpAnswer:
    return HttpAnswer(HTTPStatus.NOT_MODIFIED, "", {**_HEADERS, "ETag": etag})


def _etag(*parts: str) -> str:
    """Give a weak tag: two pages of one state differ in their forms."""
    return f'W/"{sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def _known(call: HttpCall, etag: str) -> str | None:
    """Give *etag* where it is among those that the caller has."""
    given = [each.strip() for each in (call.header("If-None-Match") or "").split(",")]
    return etag if "*" in given or etag in given or etag.removeprefix("W/") in given else None
