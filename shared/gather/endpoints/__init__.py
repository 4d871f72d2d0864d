"""Asking the endpoints of the API, a few at a time and more than once."""

import time
from datetime import timedelta
from functools import partial
from threading import BoundedSemaphore

from ...model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from ...model.knowledge import Unavailable
from ...model.setting_types import Secret
from ...model.value import dataclass
from ...net.client import LateError, Limits, NoAnswerError, NotAskedError, Request, ask
from ...net.deadline import Deadline
from ..attempt import GatherError, InBackground, attempt
from .credentials import forget_credentials, with_credentials

CONCURRENT = 8
MAX_BODY = 2 * 1024 * 1024
_MAX_REDIRECTS = 5
# What is left of the time is for handing the probes over to someone who waits no longer than *within*.
_SHARE = 0.97


def probe_endpoints(
    expectations: tuple[EndpointExpectation, ...], within: timedelta
) -> tuple[Probe | Unavailable, ...]:
    """Ask every endpoint and give what came back, in the order of *expectations*.

    Each is tried until an answer is as expected, right and in time, or its tries are used up; no
    further try begins that might not end *within* the time. One that the time did not suffice for
    at all is `Unavailable`: that says nothing of the endpoint.
    """
    turns = _Turns(BoundedSemaphore(CONCURRENT), Deadline.after(_SHARE * within))
    probing = [InBackground(partial(_probe, expectation, turns)) for expectation in expectations]
    return tuple(probe.within(within).fact for probe in probing)


@dataclass(frozen=True, slots=True)
class _Turns:
    """Who may ask, and until when."""

    semaphore: BoundedSemaphore
    deadline: Deadline

    def left(self) -> float:
        return self.deadline.seconds_left

    def wait(self, at_most: float) -> bool:
        """Say whether it is one's turn; then `done` must follow."""
        if at_most <= 0 or not self.semaphore.acquire(timeout=at_most):
            return False
        if self.left() > 0:
            return True
        self.done()
        return False

    def done(self) -> None:
        self.semaphore.release()


def _probe(expectation: EndpointExpectation, turns: _Turns) -> Probe:
    ready = with_credentials(expectation, turns.deadline.left)
    if not turns.wait(turns.left()):
        raise GatherError(f"endpoint {expectation.name} was not asked: the time for this run was over")
    tries = [_try_once(ready, turns)]
    pause, timeout = expectation.pause.total_seconds(), expectation.timeout.total_seconds()
    while len(tries) < expectation.tries and not _is_as_expected(expectation, tries[-1]):
        if turns.left() < pause + timeout:
            break
        time.sleep(pause)
        if _is_not_let_in(tries[-1]):
            forget_credentials(expectation, ready)
            renewed = attempt(lambda: with_credentials(expectation, turns.deadline.left))
            if isinstance(renewed, Unavailable):
                break
            ready = renewed
        if not turns.wait(turns.left() - timeout):
            break
        tries.append(_try_once(ready, turns))
    return Probe(expectation, tuple(tries))


def _try_once(expectation: EndpointExpectation, turns: _Turns) -> Answer | NoAnswer:
    """Ask once, in a turn that was waited for and is given back."""
    left = turns.deadline.left
    try:
        return _asked(expectation, min(expectation.timeout, left))
    except NotAskedError as error:
        failure = GatherError(str(error), lasting=error.lasting)
    except LateError as late:
        if left >= expectation.timeout:
            return NoAnswer(str(late))
        failure = GatherError(f"endpoint {expectation.name}: {late}, all that was left of this run")
    except NoAnswerError as error:
        return NoAnswer(str(error))
    finally:
        turns.done()
    raise failure


def _asked(expectation: EndpointExpectation, limit: timedelta) -> Answer:
    """Send the request once, on connections of its own: then it is known whose certificates they showed."""
    headers = {name: value.value if isinstance(value, Secret) else value for name, value in expectation.headers.items()}
    document = ask(
        Request(
            expectation.url,
            expectation.method,
            {name: value for name, value in headers.items() if name not in expectation.credentials},
            {name: value for name, value in headers.items() if name in expectation.credentials},
            None if expectation.body is None else expectation.body.encode(),
        ),
        Limits(
            Deadline.after(limit),
            MAX_BODY,
            connect=limit.total_seconds(),
            read=limit.total_seconds(),
            redirects=_MAX_REDIRECTS if expectation.follow_redirects else 0,
            https_only=False,
            cut=True,
        ),
    )
    return Answer(document.status, document.content, document.cut, document.took, document.certificate_expires)


def _is_as_expected(expectation: EndpointExpectation, outcome: Answer | NoAnswer) -> bool:
    return isinstance(outcome, Answer) and expectation.broken_by(outcome) is None


def _is_not_let_in(outcome: Answer | NoAnswer) -> bool:
    return isinstance(outcome, Answer) and outcome.status in {401, 403}
