"""Asking the endpoints of the API, a few at a time and more than once."""

import time
from datetime import timedelta
from functools import partial
from threading import BoundedSemaphore

from shared.gather.attempt import GatherError, InBackground, attempt
from shared.gather.endpoints.credentials import forget_credentials, with_credentials
from shared.model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from shared.model.knowledge import Unavailable
from shared.model.value import dataclass

CONCURRENT = 8
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
    turns = _Turns(BoundedSemaphore(CONCURRENT), time.monotonic() + _SHARE * within.total_seconds())
    probing = [InBackground(partial(_probe, expectation, turns)) for expectation in expectations]
    return tuple(probe.within(within).fact for probe in probing)


@dataclass(frozen=True, slots=True)
class _Turns:
    """Who may ask, and until when."""

    semaphore: BoundedSemaphore
    deadline: float

    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

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
    ready = with_credentials(expectation, timedelta(seconds=turns.left()))
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
            renewed = attempt(lambda: with_credentials(expectation, timedelta(seconds=turns.left())))
            if isinstance(renewed, Unavailable):
                break
            ready = renewed
        if not turns.wait(turns.left() - timeout):
            break
        tries.append(_try_once(ready, turns))
    return Probe(expectation, tuple(tries))


def _try_once(expectation: EndpointExpectation, turns: _Turns) -> Answer | NoAnswer:
    """Ask once, in a turn that was waited for and is given back."""
    # Imported here: it brings requests, which takes longer to import than most endpoints to answer.
    from shared.gather.endpoints.exchange import ask  # noqa: PLC0415

    left = timedelta(seconds=turns.left())
    try:
        return ask(expectation, min(expectation.timeout, left))
    except TimeoutError as late:
        if left < expectation.timeout:
            raise GatherError(f"endpoint {expectation.name}: {late}, all that was left of this run") from None
        return NoAnswer(str(late))
    finally:
        turns.done()


def _is_as_expected(expectation: EndpointExpectation, outcome: Answer | NoAnswer) -> bool:
    return isinstance(outcome, Answer) and expectation.broken_by(outcome) is None


def _is_not_let_in(outcome: Answer | NoAnswer) -> bool:
    return isinstance(outcome, Answer) and outcome.status in {401, 403}
