"""What changed: every source asked side by side, one change told once, and the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.change import Change, Partly, Suspect, Unasked
from bot.domain.change_merging import Ours, merged, retold
from bot.domain.errors import Refused
from bot.domain.events import Finding, NotChecked, Question, SuspectsRanked
from bot.domain.facts import Fact
from bot.domain.incident import Incident, MitigationState
from bot.domain.suspicion import Trouble, placed, rank
from bot.tools import Failed, Tools, TooSlow

DEADLINE = timedelta(seconds=10)
BACK = timedelta(hours=6)
_LONGEST = timedelta(days=7)
_OWN_INCIDENTS = 50

Said = list[Change] | Partly
Answers = Mapping[str, Said | Failed | TooSlow]


@dataclass(frozen=True, kw_only=True)
class About:
    """What the changes are held against."""

    service: str
    trouble: Trouble
    ours: Ours


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was asked, what was found, and who gave no answer."""

    service: str
    environment: str
    since: datetime
    until: datetime
    suspects: tuple[Suspect, ...]
    others: tuple[Change, ...]
    """What else changed in that time, newest first."""
    asked: tuple[str, ...]
    unasked: tuple[Unasked, ...]
    late: tuple[str, ...] = ()
    """Who may tell of a change of just now later, in words."""


def about(tools: Tools, incident: Incident, *, start: datetime) -> About:
    trouble = Trouble(
        environment=incident.environment,
        start=start,
        title=incident.title,
        several=len(_failing(tools, incident)) > 1,
    )
    done = [
        (held.plan.service, target, held.started_at)
        for held in incident.mitigations.values()
        if held.started_at
        for target in (held.plan.target, held.plan.target_label, _reference(held))
    ]
    return About(service=incident.service, trouble=trouble, ours=_ours(tools, incident.id, done))


def _reference(held: MitigationState) -> str:
    """What the vendor calls what it did for us: an instance refresh by its id."""
    return held.receipt.reference if held.receipt else ""


def about_now(tools: Tools, service: str, environment: str) -> About:
    """Where no incident says since when it is bad: since now."""
    trouble = Trouble(environment=environment, start=tools.clock.now())
    return About(service=service, trouble=trouble, ours=_ours(tools, "", []))


def _failing(tools: Tools, incident: Incident) -> set[str]:
    """The services that fail in this environment now, by open incidents and by open pages."""
    rows = tools.timeline.summaries(open_only=True)
    found = {row.service for row in rows if row.environment == incident.environment}
    found.add(incident.service)
    for state in incident.open_pages:
        match = tools.catalog.match_page(state.page.service_id, {"title": state.page.title})
        if match and match.environment == incident.environment:
            found.add(match.service)
    return found - {""}


def _ours(tools: Tools, incident: str, done: Iterable[tuple[str, str, datetime]]) -> Ours:
    rows = tools.timeline.summaries(limit=_OWN_INCIDENTS)
    marks = {incident, *(row.id for row in rows)} - {""}
    names = frozenset(name.lower() for name in tools.policy.known_as)
    return Ours(names=names, marks=frozenset(marks), done=tuple(done))


def questions(
    tools: Tools, service: str, environment: str, *, since: datetime, until: datetime
) -> dict[str, Callable[[], Said]]:
    """One for each source of that environment; none where the catalog does not know the place."""
    places = _places(tools, service, environment)
    if not places:
        return {}

    def ask(number: int) -> Callable[[], Said]:
        return lambda: sources[number].changes(places, since=since, until=until)

    sources = tools.change_sources.get(environment, ())
    return {source.name: ask(number) for number, source in enumerate(sources)}


def _places(tools: Tools, service: str, environment: str) -> tuple[Deployment, ...]:
    """It, what ships with it and everything it stands on, nearest first."""
    catalog = tools.catalog
    names = [service, *(each.name for each in catalog.components(service))]
    names += [reach.name for reach in catalog.dependencies(service)]
    found = (catalog.deployment(name, environment) for name in dict.fromkeys(names))
    return tuple(deployment for deployment in found if deployment is not None)


def unasked(answers: Mapping[str, object]) -> tuple[Unasked, ...]:
    return tuple(
        Unasked(source=source, why=why_not(said))
        for source, said in answers.items()
        if isinstance(said, Failed | TooSlow)
    )


def _unseen(answers: Answers) -> tuple[Unasked, ...]:
    """Who gave no answer, and what those did not see who gave one."""
    parts = (said for said in answers.values() if isinstance(said, Partly))
    return (*unasked(answers), *(each for part in parts for each in part.missing))


def _late(answers: Answers) -> tuple[str, ...]:
    return tuple(s.late for s in answers.values() if isinstance(s, Partly) and s.late)


def why_not(answer: Failed | TooSlow) -> str:
    match answer:
        case Failed(why=why):
            return why
        case TooSlow(after=after):
            return f"no answer within {after.total_seconds():.0f} s"


def _found(answers: Answers) -> list[Change]:
    found: list[Change] = []
    for said in answers.values():
        match said:
            case Partly(changes=changes):
                found += changes
            case list():
                found += said
    return found


def _told_apart(tools: Tools, around: About, found: Iterable[Change]) -> tuple[Change, ...]:
    """Each once, with its place, our own doings left out; oldest first."""
    known = (placed(each, tools.catalog, around.service) for each in found)
    return merged(each for each in known if not around.ours.did(each))


def told(
    tools: Tools, incident: Incident, answers: Answers, *, start: datetime, now: datetime
) -> list[Fact]:
    """What the sources that answered found, together with what was known before."""
    # What was not seen by somebody who is not asked this time stays so.
    kept = tuple(
        each
        for each in incident.changes_unasked
        if not any(each.source.startswith(name) for name in answers)
    )
    missing = (*_unseen(answers), *kept)
    silent = tuple(
        each.source for each in missing if each.source in (*answers, *incident.changes_missing)
    )
    late = [name for name, said in answers.items() if isinstance(said, Partly) and said.late]
    late += [name for name in incident.changes_late if name not in answers]
    fresh = (source for source in answers if source not in silent)
    asked = tuple(dict.fromkeys((*incident.changes_asked, *fresh)))
    around = about(tools, incident, start=start)
    known = [each.change for each in incident.suspects]
    changes = _told_apart(tools, around, retold(known, _found(answers)))
    suspects = rank(changes, around.trouble)
    ranked = SuspectsRanked(
        suspects=suspects,
        asked=asked,
        not_checked=silent,
        unasked=missing,
        late=tuple(late),
    )
    if not asked:
        return [ranked, _nobody(missing)]
    aside = (*(f"Not checked: {each}" for each in missing), *_late(answers))
    return [ranked, _finding(suspects, asked, aside, now)]


def _nobody(missing: Sequence[Unasked]) -> NotChecked:
    """Not one source answered, or there is none."""
    if not missing:
        why = "no source of changes is configured for it"
        return NotChecked(question=Question.CHANGES, source="what changed", why=why)
    reasons = {each.why for each in missing}
    return NotChecked(
        question=Question.CHANGES,
        source=", ".join(each.source for each in missing),
        why=reasons.pop() if len(reasons) == 1 else "; ".join(str(each) for each in missing),
    )


def _finding(
    suspects: Sequence[Suspect],
    asked: Sequence[str],
    aside: Sequence[str],
    now: datetime,
) -> Finding:
    """`aside`: what was not looked at, in words."""
    first = suspects[0] if suspects else None
    text = (
        f"Suspect: {first.change.title}, {first.reasons[0]}"
        if first
        else "No change of it or of what it stands on was found in the last hours"
        f" (asked: {', '.join(asked)})"
    )
    return Finding(
        question=Question.CHANGES,
        text=text,
        source=", ".join(asked),
        as_of=now,
        details=(*(line(each) for each in suspects), *aside),
        link=first.change.address if first else "",
    )


def line(suspect: Suspect) -> str:
    """One suspect in one line, for the card and the record."""
    change = suspect.change
    by = change.author or change.actor or "unknown"
    team = f" ({change.team})" if change.team else ""
    what = f"{change.service or 'unknown service'} {change.after or change.message}".strip()
    return f"{what} by {by}{team}: {'; '.join(suspect.reasons)}"


def look(
    tools: Tools,
    incident_id: str,
    *,
    service: str = "",
    back: timedelta | None = None,
    keep: bool = True,
) -> Looked:
    """Everything asked anew; `keep` puts what it says of the incident's own service on record."""
    incident = tools.timeline.read(incident_id)
    if service and service != incident.service:
        return look_at(tools, service, incident.environment, back=back)
    if not incident.service:
        raise Refused("No service is named yet: name it first, or say which one you mean.")
    now = tools.clock.now()
    start = incident.impact_start or now
    since = now - back if back else min(start, now) - BACK
    answers = _asked(tools, incident.service, incident.environment, since=since, until=now)
    looked = _looked(tools, about(tools, incident, start=start), answers, since=since, until=now)
    if keep and incident.stage.open and looked.asked:
        with tools.timeline.open(incident_id) as incident:
            for fact in told(tools, incident, answers, start=start, now=now):
                incident.record(fact)
    return looked


def look_at(
    tools: Tools, service: str, environment: str, *, back: timedelta | None = None
) -> Looked:
    """The same outside of any incident: held against now, and kept nowhere."""
    known = tools.catalog.service(service) or tools.catalog.resource(service)
    if known is None:
        nearest = ", ".join(each.name for each in tools.catalog.nearest(service))
        raise Refused(f"The catalog knows no “{service}”. Nearest: {nearest or 'nothing'}.")
    now = tools.clock.now()
    since = now - (back or BACK)
    answers = _asked(tools, known.name, environment, since=since, until=now)
    around = about_now(tools, known.name, environment)
    return _looked(tools, around, answers, since=since, until=now)


def _asked(
    tools: Tools, service: str, environment: str, *, since: datetime, until: datetime
) -> Answers:
    if until - since > _LONGEST:
        raise Refused(f"No source is asked for more than {_LONGEST.days} days back.")
    asked = questions(tools, service, environment, since=since, until=until)
    return tools.beside.together(asked, deadline=DEADLINE)


def _looked(
    tools: Tools, around: About, answers: Answers, *, since: datetime, until: datetime
) -> Looked:
    changes = _told_apart(tools, around, _found(answers))
    suspects = rank(changes, around.trouble)
    shown = {suspect.change.id for suspect in suspects}
    silent = {each.source for each in unasked(answers)}
    return Looked(
        service=around.service,
        environment=around.trouble.environment,
        since=since,
        until=until,
        suspects=suspects,
        others=tuple(
            each
            for each in reversed(changes)
            if each.id not in shown and each.environment == around.trouble.environment
        ),
        asked=tuple(source for source in answers if source not in silent),
        unasked=_unseen(answers),
        late=_late(answers),
    )
