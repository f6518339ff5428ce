"""The newcomer's tour: one thing at a time, ticked off by what really travelled on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.core.simulation import Simulation
from sandbox.core.traffic import Record

Sign = Callable[[Record], bool]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do, and the record in the traffic log that proves it was done."""

    title: str
    say: str
    sign: Sign | None = None
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Tour:
    """Where the newcomer stands."""

    steps: tuple[Step, ...]

    @property
    def current(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)

    @property
    def last(self) -> Step | None:
        done = [step for step in self.steps if step.done]
        return done[-1] if done else None

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)


def _answered(record: Record) -> bool:
    return record.status is not None and 200 <= record.status < 300


def _slack(*names: str) -> Sign:
    def sign(record: Record) -> bool:
        return record.system == "slack" and record.name in names and _answered(record)

    return sign


def _page(event: str) -> Sign:
    def sign(record: Record) -> bool:
        return record.kind == "delivery" and record.name.endswith(event) and _answered(record)

    return sign


def _acted(record: Record) -> bool:
    """A rollback in Argo CD, or a change in the cluster; what AWS was told is counted there."""
    if not _answered(record):
        return False
    if record.system == "kubernetes":
        return record.method == "PATCH" and "dryRun" not in str(record.request)
    rollback = record.system == "argocd" and "rollback" in f"{record.name} {record.path}"
    return rollback and record.method == "POST"


def _opened_for_incident(record: Record) -> bool:
    name = record.request.get("name", "") if isinstance(record.request, dict) else ""
    return _slack("conversations.create")(record) and "inc" in str(name)


def _incident_resolved(record: Record) -> bool:
    """By the bot's word: a page resolves itself as soon as the errors are gone."""
    topic = record.request.get("topic", "") if isinstance(record.request, dict) else ""
    return _slack("conversations.setTopic")(record) and "resolved" in str(topic)


STEPS = (
    Step(
        title="Start the scenario",
        say="Press Start above. Two quiet minutes follow; 60× makes them short. Time slows down again when the page comes.",
    ),
    Step(
        title="Something goes wrong",
        say="Watch the errors climb. PagerDuty will notice before you do.",
        sign=_page("incident.triggered"),
    ),
    Step(
        title="The bot opens a channel",
        say="The page has come in. Open the new inc- channel on the left.",
        sign=_opened_for_incident,
    ),
    Step(
        title="Acknowledge",
        say="Press Acknowledge on the card, so that nobody else is woken.",
        sign=_page("incident.acknowledged"),
    ),
    Step(
        title="Undo the bad change",
        say="Read what changed, propose the rollback, and let it be approved: if it wants a second person, become Ben on the left. After that, 60× shortens the waiting.",
    ),
    Step(
        title="See it proved",
        say="It runs. Watch the errors fall: after ten quiet minutes (60× makes them short) the bot says what it measured.",
    ),
    Step(
        title="Resolve",
        say="Tell others if you like: an update, the status page. Then press Resolve on the card.",
        sign=_incident_resolved,
    ),
    Step(
        title="Read the postmortem",
        say="It writes itself into git. Look under Behind the scenes, Postmortems.",
    ),
)


def tour(sim: Simulation, *, postmortems: int) -> Tour:
    """Every step with its tick; a later tick also ticks what must have come before it."""
    ticks = [_ticked(sim, step, postmortems) for step in STEPS]
    reached = max((n for n, tick in enumerate(ticks) if tick), default=-1)
    return Tour(
        steps=tuple(
            Step(title=step.title, say=_says(sim, step), sign=step.sign, done=n <= reached)
            for n, step in enumerate(STEPS)
        )
    )


def _ticked(sim: Simulation, step: Step, postmortems: int) -> bool:
    if step.sign is not None:
        return any(step.sign(record) for record in _of_this_play(sim))
    play = sim.world.play
    match step.title:
        case "Start the scenario":
            return play is not None
        case "Undo the bad change":
            return _was_acted(sim)
        case "See it proved":
            return _was_acted(sim) and play is not None and play.won_at is not None
    return postmortems > 0


def _was_acted(sim: Simulation) -> bool:
    since = sim.world.play.started_at if sim.world.play else None
    written = sim.aws.written_at
    in_the_cloud = written is not None and (since is None or written >= since)
    return in_the_cloud or any(_acted(record) for record in _of_this_play(sim))


def _of_this_play(sim: Simulation) -> Iterator[Record]:
    """Of an incident that was lived before nothing is ticked."""
    play = sim.world.play
    for record in sim.traffic.records:
        if play is None or record.at >= play.started_at:
            yield record


def _says(sim: Simulation, step: Step) -> str:
    """In the scenario's own words where it has some."""
    own = {"Something goes wrong": "breaks", "Undo the bad change": "undo"}.get(step.title, "")
    return sim.world.scenario.tour.get(own) or step.say
