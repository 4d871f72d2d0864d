"""The Azure entry point: triggers and bindings only. What they do is in `shared.entrypoints`, imported when needed."""

import typing

import azure.functions as func

_STORAGE = "AzureWebJobsStorage"
_QUEUE = "migration-checks"

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *", use_monitor=True)
@app.queue_output(arg_name="due", queue_name=_QUEUE, connection=_STORAGE)
def schedule(timer: func.TimerRequest, due: func.Out[typing.List[str]]) -> None:  # noqa: UP006  # the worker knows this one only
    """Queue the targets that are due. A timer is never tried again after an error; a queue message is."""
    from datetime import UTC, datetime

    from shared.entrypoints.timer import messages

    due.set(messages(datetime.now(UTC), past_due=timer.past_due))


@app.queue_trigger(arg_name="message", queue_name=_QUEUE, connection=_STORAGE)
def check_target(message: func.QueueMessage) -> None:
    from shared.entrypoints.timer import check_target as check

    check(message.get_body())


@app.queue_trigger(arg_name="message", queue_name=f"{_QUEUE}-poison", connection=_STORAGE)
def poisoned(message: func.QueueMessage) -> None:
    """Notify people of a check that never finished: Azure moves its message into the poison queue."""
    from shared.entrypoints.poisoned import poisoned as report_poisoned

    report_poisoned(message.get_body())


@app.route("verify", methods=["GET", "POST"])
def verify(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.verify import verify as answer_to

    answer = answer_to(req.method, req.url, req.params, req.get_body())
    return func.HttpResponse(
        answer.body, status_code=answer.status, headers=answer.headers, mimetype="application/json"
    )


# Anonymous to the host, which would refuse a signed link: `entrypoints.http.admission` decides who sees these.
_ANONYMOUS = func.AuthLevel.ANONYMOUS


@app.route("facts/{target}", methods=["GET"], auth_level=_ANONYMOUS)
def facts(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.facts import facts as answer_to

    answer = answer_to(req.route_params.get("target", ""), req.headers)
    return func.HttpResponse(
        answer.body, status_code=answer.status, headers=answer.headers, mimetype="application/json"
    )


@app.route("status/{target?}", methods=["GET", "HEAD"], auth_level=_ANONYMOUS)
def status(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.pages import status as answer_to

    return _response(req, answer_to)


@app.route("report/{target}", methods=["GET", "HEAD"], auth_level=_ANONYMOUS)
def report(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.pages import report as answer_to

    return _response(req, answer_to)


@app.route("badge/{target}", methods=["GET", "HEAD"], auth_level=_ANONYMOUS)
def badge(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.pages import badge as answer_to

    return _response(req, answer_to)


@app.route("metrics", methods=["GET", "HEAD"], auth_level=_ANONYMOUS)
def metrics(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.pages import metrics as answer_to

    return _response(req, answer_to)


@app.route("openapi.json", methods=["GET"], auth_level=_ANONYMOUS)
def openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  # every function has a trigger
    """What the API takes and answers; it says nothing of this installation."""
    from shared.entrypoints.http.openapi import openapi as answer_to

    answer = answer_to()
    return func.HttpResponse(answer.body, status_code=answer.status, headers=answer.headers, mimetype=answer.media_type)


@app.route("silence/{target}", methods=["POST"], auth_level=_ANONYMOUS)
@app.queue_output(arg_name="due", queue_name=_QUEUE, connection=_STORAGE)
def silence(req: func.HttpRequest, due: func.Out[typing.List[str]]) -> func.HttpResponse:  # noqa: UP006  # as above
    from shared.entrypoints.http.acts import silence as answer_to

    return _response(req, answer_to, due)


@app.route("check/{target}", methods=["POST"], auth_level=_ANONYMOUS)
@app.queue_output(arg_name="due", queue_name=_QUEUE, connection=_STORAGE)
def check_now(req: func.HttpRequest, due: func.Out[typing.List[str]]) -> func.HttpResponse:  # noqa: UP006  # as above
    from shared.entrypoints.http.acts import check as answer_to

    return _response(req, answer_to, due)


@app.route("seen/{target}", methods=["POST"], auth_level=_ANONYMOUS)
def seen(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.acts import seen as answer_to

    return _response(req, answer_to)


def _response(
    req: func.HttpRequest,
    answer_to: typing.Any,
    due: typing.Optional[func.Out[typing.List[str]]] = None,  # noqa: UP006, UP045  # as above
) -> func.HttpResponse:
    from urllib.parse import urlsplit

    from shared.entrypoints.http.call import HttpCall
    from shared.entrypoints.http.site import answered

    target = req.route_params.get("target") or ""
    call = HttpCall(req.method, urlsplit(req.url).path, target, req.params, req.headers, req.get_body())
    answer = answered(answer_to, call)
    if due is not None and answer.queued:
        due.set(list(answer.queued))
    return func.HttpResponse(answer.body, status_code=answer.status, headers=answer.headers, mimetype=answer.media_type)
