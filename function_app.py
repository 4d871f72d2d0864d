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


# Anonymous to the host: the monitor's own viewer key admits.
@app.route("facts/{target}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def facts(req: func.HttpRequest) -> func.HttpResponse:
    from shared.entrypoints.http.facts import facts as answer_to

    answer = answer_to(req.route_params.get("target", ""), req.headers)
    return func.HttpResponse(
        answer.body, status_code=answer.status, headers=answer.headers, mimetype="application/json"
    )
