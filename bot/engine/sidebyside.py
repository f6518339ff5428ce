"""Asks several vendors at once and waits for all of them only as long as a person would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bot.domain.errors import Refused, VendorError
from bot.engine.pool import Pool
from bot.reactions import outside_decisions
from bot.tools import Failed, TooSlow

T = TypeVar("T")
_THREADS = 64


class SideBySide:
    """One for the whole process. What is too slow runs on, and its answer is dropped."""

    def __init__(self, threads: int = _THREADS) -> None:
        self._pool = Pool("beside", threads)

    def together(
        self, calls: Mapping[str, Callable[[], T]], *, deadline: timedelta
    ) -> Mapping[str, T | Failed | TooSlow]:
        """Every name has an answer at the deadline. A bug in a call flies, as it would alone."""
        outside_decisions()
        asked = {name: self._ask(call) for name, call in calls.items()}
        wait(asked.values(), timeout=deadline.total_seconds())
        return {
            name: answer.result() if answer.done() else TooSlow(after=deadline)
            for name, answer in asked.items()
        }

    def close(self) -> None:
        self._pool.close()

    def _ask(self, call: Callable[[], T]) -> Future[T | Failed]:
        future: Future[T | Failed] = Future()
        # Whether this is a second attempt, and what is being handled, holds for the calls as well.
        context = copy_context()
        self._pool.submit(partial(context.run, _run, call, future))
        return future


def _run(call: Callable[[], T], future: Future[T | Failed]) -> None:
    try:
        future.set_result(call())
    except (VendorError, Refused) as error:
        future.set_result(Failed(why=str(error)))
    except Exception as error:  # noqa: BLE001 - carried to the caller of together()
        future.set_exception(error)
