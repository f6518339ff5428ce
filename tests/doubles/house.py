"""The real timeline and flow around vendors in memory, with owed work carried out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.catalog import Driver
from bot.domain.errors import NotSent, Refused, VendorDown
from bot.domain.events import ChannelOpened
from bot.domain.facts import Fact
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.slo import Objective, Through
from bot.flow import (
    aftercare,
    alert,
    budgets,
    carry_out,
    communicate,
    continuing,
    guessing,
    keeping,
    latecomers,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    sampling,
    staff,
    triage,
)
from bot.integrations.templates import JinjaTemplates
from bot.reactions import Later, Reaction, collect, trying
from bot.timeline.owed import Owed, State, Trouble
from bot.timeline.store import Store
from bot.tools import Gate, Tools
from tests.doubles import vendors
from tests.doubles.meters import Meter
from tests.doubles.people import CATALOG, Directory
from tests.timeline.ledgers import HandClock

TEMPLATES = Path(__file__).parents[2] / "templates"
CHAPTERS = (
    aftercare,
    alert,
    budgets,
    carry_out,
    communicate,
    continuing,
    guessing,
    keeping,
    latecomers,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    sampling,
    staff,
    triage,
)


@dataclass(kw_only=True)
class World:
    """Everything outside; it stays as it is when the bot dies."""

    pager: vendors.Pager = field(default_factory=vendors.Pager)
    metrics: vendors.Metrics = field(default_factory=vendors.Metrics)
    changes: vendors.Changes = field(default_factory=vendors.Changes)
    more_changes: list[vendors.Changes] = field(default_factory=list)
    status_page: vendors.StatusPage = field(default_factory=vendors.StatusPage)
    tracker: vendors.Tracker = field(default_factory=vendors.Tracker)
    forge: vendors.Forge = field(default_factory=vendors.Forge)
    archive: vendors.Archive = field(default_factory=vendors.Archive)
    runbooks: vendors.Runbooks = field(default_factory=vendors.Runbooks)
    beside: vendors.OneByOne = field(default_factory=vendors.OneByOne)
    mitigations: dict[str, Any] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    objectives: tuple[Objective, ...] = ()


class House:
    """One process of the bot. `restart` is what a supervisor does after it died."""

    def __init__(
        self,
        file: Path,
        clock: HandClock,
        world: World | None = None,
        *,
        faces: tuple[object, ...] = (),
    ) -> None:
        """`faces` answer facts as the chapters of the flow do: the parts of Slack that post."""
        self.file, self.clock, self.world = file, clock, world or World()
        self.faces = faces
        # A test may die here: the work is done, and nobody has written down that it is.
        self.before_finish: Callable[[], None] = lambda: None
        self._start()

    def _start(self) -> None:
        self.store: Store[Incident] = Store.at(
            self.file, clock=self.clock, fold=lambda one: Incident(id=one)
        )
        answers = list(collect(*CHAPTERS, *self.faces))
        self.store.answers(answers, lambda _owed: None)
        self._answers = {a.name: a for a in answers if isinstance(a, Reaction)}
        self._restarted: set[tuple[Any, ...]] = {_line(o) for o in self.store.owed.all()}
        world = {f.name: getattr(self.world, f.name) for f in fields(self.world)}
        places = [(where, Driver.ARGOCD) for where in ("production", "staging")]
        deployer = world.pop("changes")
        meter, objectives = world.pop("meter"), world.pop("objectives")
        deployers = dict.fromkeys(places, deployer)
        sources = (deployer, *world.pop("more_changes"))
        self.tools = Tools(
            clock=self.clock,
            timeline=self.store,
            catalog=replace(CATALOG, objectives=objectives),
            samples=self.store.samples,
            meters={("production", Through.NEW_RELIC): meter},
            policy=Policy(),
            gate=Gate(observe=False),
            templates=JinjaTemplates(TEMPLATES),
            directory=Directory(),
            deployers=deployers,
            change_sources=dict.fromkeys(("production", "staging"), sources),
            **world,
        )

    def close(self) -> None:
        self.store.close()

    def restart(self) -> None:
        """The next process on the same file: what was owed is owed again."""
        self.store.close()
        self._start()

    def incident(self, incident_id: str) -> Incident:
        return self.store.read(incident_id)

    def facts(self, incident_id: str, *kinds: type[Fact]) -> list[Fact]:
        found = [entry.fact for entry in self.store.entries(incident_id)]
        return [fact for fact in found if not kinds or isinstance(fact, kinds)]

    def record(self, incident_id: str, *facts: Fact) -> None:
        with self.store.open(incident_id) as incident:
            for fact in facts:
                incident.record(fact)

    def channel(self, incident_id: str) -> None:
        """Slack is not played here: the channel simply is there."""
        self.record(incident_id, ChannelOpened(channel=f"C{incident_id}", name="inc", card="1.0"))

    def work(self, *, most: int = 200) -> None:
        """Carries out what is due, one after the other, as the engine would."""
        for _ in range(most):
            due = self._due()
            if not due:
                return
            for owed in due:
                self._carry_out(owed)
        raise AssertionError(f"never at rest: {[owed.reaction for owed in self._due()]}")

    def forward(self, **by: float) -> None:
        """Time passes; what becomes due on the way is done at its own time."""
        end = self.clock.now() + timedelta(**by)
        self.work()
        while (later := self._next_due()) is not None and later <= end:
            self.clock.forward(later - self.clock.now())
            self.work()
        self.clock.forward(end - self.clock.now())

    def owed(self, name: str) -> list[Owed]:
        return [owed for owed in self.store.owed.all() if owed.reaction == name]

    def _first_of_each_line(self) -> list[Owed]:
        lines: dict[tuple[Any, ...], Owed] = {}
        for owed in self.store.owed.all():
            lines.setdefault(_line(owed), owed)
        return [owed for owed in lines.values() if owed.state is State.WAITING]

    def _due(self) -> list[Owed]:
        return [owed for owed in self._first_of_each_line() if owed.due <= self.clock.now()]

    def _next_due(self) -> Any:
        return min((owed.due for owed in self._first_of_each_line()), default=None)

    def _carry_out(self, owed: Owed) -> None:
        entry = self.store.entries(owed.incident, after=owed.seq - 1)[0]
        again = _line(owed) in self._restarted
        try:
            with trying(again=again):
                later = self._answers[owed.reaction].run(self.tools, entry)
        except Refused:
            later = None
        except (VendorDown, NotSent) as down:
            later = Later(down.retry_after or timedelta(seconds=1), why=down.why)
        self._restarted.discard(_line(owed))
        self.before_finish()
        if later is None:
            self.store.owed.finish(owed, owed.seq).result()
            return
        due = self.clock.now() + later.after
        trouble = Trouble(why=later.why)
        self.store.owed.postpone(owed, due, attempts=0, trouble=trouble).result()


def _line(owed: Owed) -> tuple[Any, ...]:
    return (owed.incident, owed.reaction, owed.key)
