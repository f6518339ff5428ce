"""Five minutes: what is known, what changed, how bad it is, and which runbook, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.domain.errors import Refused
from bot.domain.events import (
    AlertsRead,
    AlertsUnread,
    Declared,
    ErrorsMeasured,
    Finding,
    NotChecked,
    Question,
    RunbookFound,
    ServiceNamed,
    StartEstimated,
    StepState,
)
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.runbook import Answer, Query
from bot.domain.runbook_steps import steps
from bot.flow import changes, standing
from bot.flow.introducing import introduced
from bot.flow.measuring import measured
from bot.flow.shown import percent
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Failed, Tools, TooSlow

_AGAIN = timedelta(seconds=15)
_KEEP_ASKING = timedelta(minutes=10)
ERRORS = "New Relic"
Said = changes.Said | ErrorsMeasured


@reacts_to(Declared, ServiceNamed, name="triage", lane=Lane.PAGE)
def triage(tools: Tools, entry: Entry) -> Later | None:
    """Everything is asked at once; what did not answer is named, and asked again for a while."""
    incident = tools.timeline.read(entry.incident)
    service = tools.catalog.service(incident.service)
    now = tools.clock.now()
    missing = _missing(tools, incident, entry)
    if missing is not None and not (missing and incident.stage.open):
        return None
    found: list[Fact] = []
    if missing is None:
        found.append(introduced(tools, incident, now))
    failed: list[str] = []
    if service is not None or tools.catalog.resource(incident.service):
        asked = _questions(tools, incident, now)
        if missing is not None:
            asked = {source: ask for source, ask in asked.items() if source in missing}
        around = standing.Round(tools, incident, only=missing)
        said = tools.beside.together({**asked, **around.lanes()}, deadline=changes.DEADLINE)
        answers = {name: each for name, each in said.items() if name in asked and each is not None}
        standings, silent = around.told(now, deadline=changes.DEADLINE)
        failed = [*(each.source for each in changes.unasked(answers)), *silent]
        found += _read(tools, incident, answers, now, again=missing is not None)
        found += standings
    with tools.timeline.open(entry.incident) as incident:
        for fact in found:
            incident.record(fact)
    if failed and now - entry.at < _KEEP_ASKING:
        return Later(_AGAIN, why=f"{' and '.join(failed)} did not answer")
    return None


def _missing(tools: Tools, incident: Incident, entry: Entry) -> frozenset[str] | None:
    """What an earlier run of this row could not ask; None where this is its first."""
    later = [each.fact for each in tools.timeline.entries(entry.incident, after=entry.seq)]
    if any(isinstance(fact, ServiceNamed) for fact in later):
        return frozenset()
    told = (fact for fact in later if isinstance(fact, Finding | NotChecked))
    if not any(fact.question is Question.SERVICE for fact in told):
        return None
    errors = incident.findings.get(Question.ERRORS)
    blind = (errors.source,) if isinstance(errors, NotChecked) else ()
    return frozenset((*incident.changes_missing, *blind, *standing.missing(incident)))


def _questions(
    tools: Tools, incident: Incident, now: datetime
) -> Mapping[str, Callable[[], Said]]:
    asked: dict[str, Callable[[], Said]] = {}
    since = (incident.impact_start or now) - changes.BACK
    asked |= changes.questions(
        tools, incident.service, incident.environment, since=since, until=now
    )
    metrics, service = tools.metrics, tools.catalog.service(incident.service)
    if metrics is not None and service is not None and service.new_relic_app:
        app = service.new_relic_app
        asked[ERRORS] = lambda: measured(metrics, app, incident, now)
    return asked


def _read(
    tools: Tools,
    incident: Incident,
    answers: Mapping[str, Said | Failed | TooSlow],
    now: datetime,
    *,
    again: bool,
) -> list[Fact]:
    """Of a second look only what is new: who still gives no answer was named before."""
    facts: list[Fact] = []
    errors = answers.get(ERRORS)
    start = before = incident.impact_start or now
    match errors:
        case ErrorsMeasured():
            facts += _errors(errors, now)
            if errors.first_bad and errors.first_bad < start:
                start = errors.first_bad
                how = "the first bad minute in New Relic"
                facts.append(StartEstimated(start=start, how=how, measured=True))
        case other if not again:
            facts.append(_not_checked(Question.ERRORS, ERRORS, other))
    said = {
        name: each
        for name, each in answers.items()
        if name != ERRORS and not isinstance(each, ErrorsMeasured)
    }
    answered = len(said) > len(changes.unasked(said))
    if not again or answered or start != before:
        facts += changes.told(tools, incident, said, start=start, now=now)
    return facts


def _errors(errors: ErrorsMeasured, now: datetime) -> list[Fact]:
    if errors.now.blind:
        why = NotChecked(question=Question.ERRORS, source="New Relic", why=errors.now.blind)
        return [errors, why]
    text = f"Error rate {percent(errors.now.error_ratio)} now, normally {percent(errors.normal.error_ratio)}"
    return [
        errors,
        Finding(
            question=Question.ERRORS,
            text=text,
            source="New Relic",
            as_of=errors.now.at,
            details=errors.top[:3],
        ),
    ]


def _not_checked(question: Question, source: str, answer: object) -> NotChecked:
    match answer:
        case Failed() | TooSlow():
            reason = changes.why_not(answer)
        case _:
            reason = "not configured for this service"
    return NotChecked(question=question, source=source, why=reason)


@reacts_to(AlertsRead, AlertsUnread, ServiceNamed, Declared, name="look-up-runbook")
def look_up_runbook(tools: Tools, entry: Entry) -> None:
    """By alert name, its own link, the service and the words; “none fits” is an answer too."""
    incident = tools.timeline.read(entry.incident)
    if isinstance(entry.fact, Declared) and entry.fact.by is None and tools.pager is not None:
        return
    query = query_for(tools, incident)
    found = tools.runbooks.search(query)
    best = found.best
    runbook = tools.runbooks.read(best.path) if best else None
    checklist = steps(runbook, best.section) if runbook and best else ()
    with tools.timeline.open(entry.incident) as incident:
        held = incident.runbook
        if held and (held.verdict, held.matches) == (found.verdict, found.matches[:3]):
            return
        incident.record(
            RunbookFound(
                verdict=found.verdict,
                matches=found.matches[:3],
                query=query.alert or query.text,
                steps=checklist,
            )
        )


def query_for(tools: Tools, incident: Incident) -> Query:
    alert = incident.alerts[0] if incident.alerts else None
    return Query(
        text=incident.title,
        alert=alert.name if alert else "",
        runbook_url=alert.runbook_url if alert else "",
        service=incident.service,
        labels=dict(alert.labels) if alert else {},
        own=_own(tools, incident.service),
    )


def _own(tools: Tools, service: str) -> tuple[str, ...]:
    """The runbooks that the catalog names for it."""
    known = tools.catalog.service(service) or tools.catalog.resource(service)
    return known.runbooks if known else ()


def search_runbooks(tools: Tools, incident_id: str, text: str) -> Answer:
    """What a person typed, in the light of the incident they are in."""
    if not text.strip():
        return tools.runbooks.search(query_for(tools, tools.timeline.read(incident_id)))
    service = tools.timeline.read(incident_id).service if incident_id else ""
    own = _own(tools, service)
    return tools.runbooks.search(Query(text=text, service=service, own=own))


def take_runbook(
    tools: Tools, incident_id: str, path: str, *, by: Person, section: str = ""
) -> None:
    runbook = tools.runbooks.read(path)
    if runbook is None:
        raise Refused(f"There is no runbook {path} any more.")
    listed = steps(runbook, section) or steps(runbook)
    if not listed:
        raise Refused(f"“{runbook.title}” has no numbered steps: read it at {path}.")
    with tools.timeline.open(incident_id) as incident:
        incident.take_runbook(path, runbook.title, listed, by=by)


def mark_steps(
    tools: Tools, incident_id: str, done: frozenset[int], shown: frozenset[int], *, by: Person
) -> None:
    """The ticks as the person left them; of the steps that were not shown nothing changes."""
    with tools.timeline.open(incident_id) as incident:
        held = incident.checklist
        if held is None:
            raise Refused("No runbook is open here: pick one first.")
        for ticked in held.steps:
            number = ticked.step.number
            if number in done and ticked.state is StepState.TODO:
                incident.mark_step(number, StepState.DONE, by=by)
            elif number in shown - done and ticked.state is StepState.DONE:
                incident.mark_step(number, StepState.TODO, by=by)


def mark_step(
    tools: Tools, incident_id: str, number: int, state: StepState, *, by: Person
) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.mark_step(number, state, by=by)


def mark_missing(tools: Tools, incident_id: str, text: str, *, by: Person) -> None:
    if not text.strip():
        raise Refused("Say in one line what the runbook should have said.")
    with tools.timeline.open(incident_id) as incident:
        incident.mark_missing(text.strip(), by=by)
