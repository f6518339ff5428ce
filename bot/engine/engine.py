"""Carries out what is owed: woken by commits and by one alarm, never by polling."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot.domain.errors import Refused, VendorError
from bot.domain.events import WorkParked, WorkResumed
from bot.engine.boards import Boards
from bot.engine.carrying_out import Carrier, Handler, Ran
from bot.engine.outcome import Outcome, Park, Retry, outcome
from bot.engine.pool import Pool
from bot.engine.records import Records, parked_of, work_of
from bot.engine.schedule import Schedule
from bot.engine.status import EngineStatus, Parked
from bot.engine.timers import Alarm
from bot.engine.work import Line, Work
from bot.reactions import Keeper, Lane, Later, Reaction
from bot.timeline.inbox import Handling, Input, Unreadable
from bot.timeline.owed import Owed, State, Trouble
from bot.timeline.store import Store
from bot.tools import Clock, Tools

log = structlog.get_logger()
_PEOPLE, _REACTIONS = 16, 24
_KEPT = timedelta(days=8)
_PURGE_EVERY = timedelta(hours=6)


class Engine:
    """Two pools: people's requests (the inbox) and reactions. `start` once, `stop` once."""

    def __init__(
        self,
        tools: Tools,
        store: Store[Any],
        *,
        answers: Sequence[Reaction | Keeper],
        handlers: Mapping[str, Handler],
        clock: Clock,
    ) -> None:
        self._store, self._clock = store, clock
        self._carrier = Carrier(tools, store, _by_name(answers), handlers)
        self._people, self._reactions = Schedule(_PEOPLE), Schedule(_REACTIONS)
        self._pools = {
            self._people: Pool("people", _PEOPLE),
            self._reactions: Pool("reaction", _REACTIONS),
        }
        self._guard = threading.RLock()
        self._idle = threading.Condition(self._guard)
        self._works: dict[tuple[Line, int], Work] = {}
        self._parked: dict[tuple[Line, int], Parked] = {}
        self._unanswered: dict[str, int] = {}
        self._unreadable = 0
        self._running = False
        self._boards = Boards(clock)
        self._records = Records(store)
        self._alarm = Alarm(clock, self._pump)
        store.answers(answers, self._owed)
        store.inbox.wakes(self._received)

    def start(self) -> None:
        """Take up what an earlier process left. Whatever it left may have been half done."""
        with self._guard:
            self._running = True
            for owed in self._store.owed.all():
                self._take_up(owed)
            for arrived in self._store.inbox.unfinished():
                self._take_up(arrived)
            now = self._clock.now()
            self._add(Work(name="purge", line=("purge",), order=0, lane=Lane.CHATTER, due=now))
        self._store.on_retry(self.reread)
        self._alarm.start()
        self._pump()

    def stop(self, within: timedelta = timedelta(seconds=10)) -> bool:
        """Take nothing new and wait for what runs; the rest stays owed. True when all ended."""
        until = time.monotonic() + within.total_seconds()
        with self._guard:
            self._running = False
            while self._busy() and (left := until - time.monotonic()) > 0:
                self._idle.wait(left)
            ended = not self._busy()
        self._alarm.close()
        for pool in self._pools.values():
            pool.close()
        return ended

    def idle(self, within: timedelta) -> bool:
        """Wait until nothing runs and nothing is due now. For shutdowns, stories and benches."""
        until = time.monotonic() + within.total_seconds()
        with self._guard:
            while self._busy() or self._people.ready() or self._reactions.ready():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._idle.wait(left)
            return True

    def limit(self, reactions: int) -> None:
        """How many reactions may run side by side; 24 unless the event loop lags."""
        with self._guard:
            self._reactions.limit = min(reactions, _REACTIONS)
        self._pump()

    def status(self) -> EngineStatus:
        now = self._clock.now()
        with self._guard:
            both = (self._people, self._reactions)
            since = [oldest for one in both if (oldest := one.oldest()) is not None]
            due = sum(one.ready() for one in both)
            return EngineStatus(
                due=due,
                running=self._busy(),
                later=sum(1 for one in both for _work in one.waiting()) - due,
                parked=tuple(self._parked.values()),
                unanswered=tuple(sorted(self._unanswered)),
                unreadable=self._unreadable,
                lag=max(now - min(since), timedelta()) if since else timedelta(),
            )

    def retry(self, name: str | None = None) -> int:
        """Owe parked work again: of this reaction or kind of input, or all. Returns how many."""
        return self._unpark(name=name or "")

    def recovered(self, vendor: str) -> int:
        """The vendor answers again: what was parked because of it is owed again."""
        with self._guard:
            wanted = any(parked.vendor == vendor for parked in self._parked.values())
        return self._unpark(vendor=vendor) if wanted else 0

    def reread(self) -> None:
        """Another process may have unparked rows: take up what is not parked any more."""
        with self._guard:
            rows: list[Owed | Input] = [*self._store.owed.all(), *self._store.inbox.unfinished()]
            for row in rows:
                work = work_of(row)
                if row.state is State.WAITING and work.key in self._parked:
                    del self._parked[work.key]
                    self._take_up(row)
        self._pump()

    def _unpark(self, *, name: str = "", vendor: str = "") -> int:
        now = self._clock.now()
        found: list[Owed | Input] = [
            *self._store.owed.unpark(name=name, vendor=vendor),
            *self._store.inbox.unpark(name=name, vendor=vendor),
        ]
        with self._guard:
            for row in found:
                work = work_of(row)
                self._parked.pop(work.key, None)
                work.due, work.attempts, work.again = now, 1, True
                self._add(work)
        self._pump()
        for row in found:
            self._records.show(work_of(row), WorkResumed(work=work_of(row).name))
        return len(found)

    def _take_up(self, row: Owed | Input) -> None:
        work = work_of(row)
        work.again = True
        match row.state:
            case State.WAITING:
                self._add(work)
            case State.PARKED:
                self._parked[work.key] = parked_of(row)
            case State.UNREADABLE:
                self._unreadable += 1
            case State.CHANNEL | State.DONE:
                pass

    def _owed(self, rows: list[Owed]) -> None:
        """After a commit, in the writer's thread."""
        with self._guard:
            if not self._running:
                return
            for row in rows:
                if row.state is not State.WAITING:
                    continue
                known = self._works.get(work_of(row).key)
                if known is None:
                    self._add(self._paced(work_of(row)))
                elif row.board and self._boards.arm(known, row):
                    self._reactions.moved(known, known.due)
        self._pump()

    def _received(self, arrived: Input) -> None:
        with self._guard:
            if self._running:
                self._add(work_of(arrived))
        self._pump()

    def _paced(self, work: Work) -> Work:
        work.due = self._boards.due(work, self._carrier.answer(work.name))
        return work

    def _add(self, work: Work) -> None:
        if work.subject is not None and not self._carrier.knows(work):
            self._unanswered[work.name] = self._unanswered.get(work.name, 0) + 1
            log.error("nobody answers to this name", name=work.name)
        elif work.key not in self._works:
            self._works[work.key] = work
            self._schedule(work).add(work)

    def _schedule(self, work: Work) -> Schedule:
        return self._people if isinstance(work.subject, Input) else self._reactions

    def _busy(self) -> int:
        return self._people.running + self._reactions.running

    def _pump(self) -> None:
        """Hand everything that is due to the pools, as far as they have room."""
        with self._guard:
            if not self._running:
                self._idle.notify_all()
                return
            now = self._clock.now()
            for schedule, pool in self._pools.items():
                schedule.advance(now)
                while (work := schedule.take(now)) is not None:
                    pool.submit(partial(self._run, work))
            moments = [schedule.next_due() for schedule in self._pools]
            self._alarm.set(min((one for one in moments if one is not None), default=None))
            if not (self._people.running or self._reactions.running):
                self._idle.notify_all()

    def _run(self, work: Work) -> None:
        """The boundary: whatever flies out of a reaction or a handler ends here."""
        this = Handling(input=work.subject.id if isinstance(work.subject, Input) else 0)
        with self._guard:
            work.urgent = False
            self._boards.began(work, self._carrier.answer(work.name))
        try:
            ran = self._carry_out(work, this)
        except Unreadable as error:
            self._records.unreadable(work, str(error))
            with self._guard:
                self._unreadable += 1
            self._leave(work)
        except Exception as error:  # noqa: BLE001 - a boundary: judged and logged there
            self._failed(work, error, committed=this.committed)
        else:
            self._returned(work, ran, committed=this.committed)
        self._pump()

    def _carry_out(self, work: Work, this: Handling) -> Ran:
        match work.subject:
            case Owed() as owed:
                return self._carrier.owed(work, owed)
            case Input():
                self._carrier.input(work, this)
                return Ran()
            case None:
                self._store.purge(self._clock.now() - _KEPT)
                return Ran(later=Later(_PURGE_EVERY))

    def _returned(self, work: Work, ran: Ran, *, committed: bool) -> None:
        vendor, work.vendor = work.vendor, ""
        work.attempts, work.again = 0, False
        with self._guard:
            armed_again = work.armed > ran.shown and isinstance(work.subject, Owed)
            if armed_again or ran.later is not None:
                due = self._boards.next(work, ran.later, armed_again=armed_again)
                self._records.postpone(work, due, Trouble(why=ran.later.why if ran.later else ""))
                self._schedule(work).postponed(work, due)
            else:
                if not committed:
                    self._records.finish(work, ran.shown)
                self._leave(work)
        if vendor:
            self.recovered(vendor)

    def _failed(self, work: Work, error: Exception, *, committed: bool) -> None:
        work.attempts += 1
        work.again = True
        gives_up = self._carrier.gives_up(work)
        judged = outcome(error, attempts=work.attempts, gives_up=gives_up)
        _tell(work, error, judged)
        if isinstance(judged, Park) and not committed:
            self._records.show(work, WorkParked(work=work.name, why=judged.why))
        with self._guard:
            match judged:
                case Retry(after=after) if not committed:
                    due = self._clock.now() + after
                    work.vendor = judged.vendor
                    self._records.postpone(work, due, judged.trouble)
                    self._schedule(work).postponed(work, due)
                case Park() if not committed:
                    self._records.park(work, judged.trouble)
                    self._parked[work.key] = self._set_aside(work, judged)
                    self._leave(work)
                case _:
                    if not committed:
                        self._records.finish(work, work.armed)
                    self._leave(work)

    def _set_aside(self, work: Work, judged: Park) -> Parked:
        return Parked(
            name=work.name,
            incident=work.subject.incident if isinstance(work.subject, Owed) else "",
            why=judged.why,
            vendor=judged.vendor,
            since=self._clock.now(),
        )

    def _leave(self, work: Work) -> None:
        with self._guard:
            self._schedule(work).finished(work)
            self._works.pop(work.key, None)


def _by_name(answers: Sequence[Reaction | Keeper]) -> dict[str, Reaction | Keeper]:
    found: dict[str, Reaction | Keeper] = {}
    for answer in answers:
        if answer.name in found:
            raise ValueError(f"two parts answer to the name {answer.name}")
        found[answer.name] = answer
    return found


def _tell(work: Work, error: Exception, judged: Outcome) -> None:
    facts = {"name": work.name, "attempts": work.attempts, "error": type(error).__name__}
    match error:
        case Refused():
            log.info("refused", **facts)
        case VendorError():
            log.warning(
                "vendor failed", vendor=error.vendor, parked=isinstance(judged, Park), **facts
            )
        case _:
            log.error("failed", parked=isinstance(judged, Park), exc_info=error, **facts)
