"""The forms of the status page: made with the page, for one reader, and taken once."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode

from ...alerts.links import FORM_LASTS, Purpose, opened, signed
from ...model.memory import UsedForm
from ...report.html.page import Form
from .admission import Reader
from .call import HttpCall

_LARGEST_BODY = 16 * 1024
_MOST_FIELDS = 10
_TOKEN = "token"  # noqa: S105  # the name of a field


def form_for(reader: Reader, purpose: Purpose, target: str, key: str, now: datetime) -> Form:
    """Give the form for *purpose* on the page of *target*, signed for *reader*."""
    nonce = secrets.token_urlsafe(9)
    token = signed(key, purpose, target, reader.id, about=nonce, until=now + FORM_LASTS)
    return Form(f"../{purpose}/{quote(target, safe='')}{_query(reader)}", {_TOKEN: token})


def form_in(
    fields: Mapping[str, str], reader: Reader, purpose: Purpose, target: str, *, key: str, now: datetime
) -> UsedForm | None:
    """Give the form that was sent; None where it was not made for just this, is altered, or has ended."""
    form = opened(fields.get(_TOKEN, ""), key, purpose, target, reader.id, now=now)
    return None if form is None or form.until is None else UsedForm(form.about, form.until)


def back_to(reader: Reader, target: str, done: str) -> str:
    """Give the address of the page that says what was *done*, as seen from the address that a form posts to."""
    return f"../status/{quote(target, safe='')}{_query(reader, done=done)}"


def _query(reader: Reader, **more: str) -> str:
    """Give the query by which *reader* is admitted again."""
    fields = {**({} if reader.link is None else {"link": reader.link}), **more}
    return f"?{urlencode(fields)}" if fields else ""


def is_json(call: HttpCall) -> bool:
    return (call.header("Content-Type") or "").partition(";")[0].strip().lower() == "application/json"


def fields_of(call: HttpCall) -> Mapping[str, str] | None:
    """Give the fields of a form, or of a JSON object of texts; None for anything else."""
    if len(call.body) > _LARGEST_BODY:
        return None
    try:
        text = call.body.decode()
        if not is_json(call):
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        document = json.loads(text)
    except (ValueError, RecursionError):  # what is no UTF-8 is a ValueError too
        return None
    is_flat = isinstance(document, dict) and all(isinstance(value, str) for value in document.values())
    return document if is_flat else None
