"""The one live card of an incident: what, impact, severity, who, doing now, next update."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.events import ErrorsMeasured, Finding, NotChecked, Question, Role
from bot.domain.incident import Incident, Stage
from bot.domain.mitigation import MitigationStage
from bot.domain.recovery import missing
from bot.domain.runbook import Verdict
from bot.flow.shown import percent, sparkline
from bot.slack.actions import Act
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    clip,
    clock,
    context,
    escape,
    fields,
    header,
    press,
    section,
)
from bot.slack.cards.budgets import budgets
from bot.slack.cards.guesses import guesses, start
from bot.slack.cards.standing import standing
from bot.slack.cards.ways_back import ROLLBACK, way_back

UNKNOWN = "not known yet"
_QUIET = 0.01
"""Below this an error rate is drawn flat and not called harm."""
_PAGES_SHOWN = 3

STAGES = {
    Stage.ALERT: "🔔 Paged, nobody has it yet",
    Stage.TRIAGE: "🔎 Triage",
    Stage.MITIGATION: "🛠 Mitigation",
    Stage.ANALYSIS: "🧭 Root cause analysis (users are well)",
    Stage.RESOLVED: "✅ Resolved",
    Stage.MERGED: "↪️ Merged",
}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the card shows besides the incident itself."""

    now: datetime
    update_due: datetime | None = None
    switched_off: tuple[str, ...] = ()
    observe: bool = False
    command: str = "/incident"


def card(incident: Incident, around: Surroundings) -> Message:
    """The pinned message; always edited, never posted again."""
    return Message(text=_push(incident), blocks=tuple(_blocks(incident, around)))


def _push(incident: Incident) -> str:
    grade = incident.severity.value if incident.severity else "SEV?"
    where = incident.service or "service unknown"
    match incident.stage:
        case Stage.ALERT:
            ask = "acknowledge?"
        case Stage.RESOLVED:
            ask = "resolved"
        case stage:
            ask = str(stage)
    return f"{grade} {where}: {incident.title} - {ask}"


def _blocks(incident: Incident, around: Surroundings) -> Iterable[Block]:
    grade = incident.severity.value if incident.severity else "SEV?"
    yield header(f"{grade} · {incident.title}")
    yield fields(_six(incident, around))
    yield from guesses(incident)
    if lines := "\n".join(_found(incident)):
        yield section(lines)
    if lines := "\n".join(_under_way(incident)):
        yield section(lines)
    if lines := "\n".join(_left(incident)):
        yield section(lines)
    if lines := "\n".join(f"⚠️ {escape(clip(line, 300))}" for line in _trouble(incident)):
        yield section(lines)
    if buttons := _buttons(incident):
        yield actions(*buttons, block=f"card|{incident.id}")
    yield context(*_small_print(incident, around))


def _six(incident: Incident, around: Surroundings) -> list[tuple[str, str]]:
    commander = incident.commander
    where = f"{incident.service} in {incident.environment}" if incident.service else "unknown"
    named = f", named by {by.mention}" if (by := incident.service_by) else ""
    guess = " _(a guess)_" if "service" in incident.guessed and incident.service else named
    return [
        ("Status", STAGES[incident.stage]),
        ("Service", f"{escape(where)}{guess}"),
        ("Impact", _impact(incident)),
        ("Commander", commander.mention if commander else "nobody yet: take it under More…"),
        ("Doing now", escape(_doing(incident))),
        ("Next update", _next(incident, around)),
    ]


def _impact(incident: Incident) -> str:
    parts = []
    if incident.updates:
        parts.append(escape(clip(incident.updates[-1][2].impact, 200)))
    if (errors := incident.errors) and errors.now.error_ratio is not None:
        parts.append(_rate(errors))
    if since := start(incident):
        parts.append(since)
    return "; ".join(parts) or UNKNOWN


def _rate(errors: ErrorsMeasured) -> str:
    now, normal = percent(errors.now.error_ratio), percent(errors.normal.error_ratio)
    upto = f"{errors.now.at:%H:%M} UTC"
    if (errors.now.error_ratio or 0) < max(_QUIET, 2 * (errors.normal.error_ratio or 0)):
        if missing(errors.now, errors.normal.per_minute):
            usual = f"usually {errors.normal.per_minute:.0f}"
            return f"{errors.now.per_minute:.0f} requests a minute ({usual}) at {upto}; error rate normal"
        return f"error rate normal until {upto} ({now})"
    return f"error rate {now} (normally {normal}) at {upto}"


def _doing(incident: Incident) -> str:
    for held in incident.running:
        if held.stage is MitigationStage.PROPOSED:
            return f"{held.plan.title}: waiting for approval"
        return f"{held.plan.title}: {held.progress or held.stage}"
    if incident.updates and incident.updates[-1][2].doing:
        return clip(incident.updates[-1][2].doing, 200)
    if incident.stage is Stage.RESOLVED:
        return incident.resolved_how or "nothing any more"
    if incident.stage is Stage.ANALYSIS:
        return "Finding out what led to it"
    if incident.stage is Stage.ALERT:
        return "Waiting for somebody to acknowledge"
    return "Looking for what changed"


def _next(incident: Incident, around: Surroundings) -> str:
    if not incident.stage.open:
        return "none: it is over"
    due = around.update_due
    if due is None:
        return "at the next change"
    if due < around.now:
        late = round((around.now - due).total_seconds() / 60)
        return f"⏰ overdue {late} min (was due {due:%H:%M} UTC)"
    return clock(due)


def _found(incident: Incident) -> Iterable[str]:
    alert = incident.alerts[0] if incident.alerts else None
    if alert is not None:
        since = f", since {alert.since:%H:%M} UTC" if alert.since else ""
        limit = f" (limit {alert.threshold})" if alert.threshold else ""
        seen = (
            f"{escape(alert.condition)}: *{escape(alert.value)}*{escape(limit)}"
            if alert.condition
            else escape(alert.summary)
        )
        on = f" on {escape(alert.entity)}" if alert.entity else ""
        link = f" <{alert.links[0]}|evidence>" if alert.links else ""
        yield f"*Alert* {seen}{on}{since}{link}"
    for question in (Question.CHANGES, Question.ERRORS, Question.SERVICE):
        match incident.findings.get(question):
            case Finding() if question is Question.ERRORS and incident.errors:
                yield f"*Errors* {_rate(incident.errors).removeprefix('error rate ')}"
                yield from (f"• {escape(clip(top, 150))}" for top in incident.errors.top[:2])
            case Finding() as finding:
                yield from _finding(finding)
            case NotChecked() as missing:
                by_hand = f" {escape(missing.by_hand)}" if missing.by_hand else ""
                yield f"*Not checked* {missing.source}: {escape(missing.why)}{by_hand}"
    yield from budgets(incident)
    yield from standing(incident)
    if incident.errors and incident.errors.recent:
        recent = incident.errors.recent[-30:]
        yield f"`{sparkline(recent, least=_QUIET)}` errors, last 30 min, at most {percent(max(recent))}"
    if (runbook := incident.runbook) and runbook.matches:
        best = runbook.matches[0]
        if runbook.verdict is Verdict.CONFIDENT:
            yield f"*Runbook* {escape(best.title)} ({escape(best.reason)})"
        elif runbook.verdict is Verdict.CLOSEST:
            yield f"*Runbook* none surely fits; closest: {escape(best.title)}"
        else:
            yield "*Runbook* no runbook fits"


def _finding(finding: Finding) -> Iterable[str]:
    name = {"changes": "What changed", "errors": "Errors", "service": "Service"}
    link = f" <{finding.link}|evidence>" if finding.link else ""
    title = name[finding.question.value]
    yield f"*{title}* {escape(finding.text)} ({finding.as_of:%H:%M} UTC){link}"
    shown = finding.details if finding.question is Question.SERVICE else finding.details[1:3]
    for detail in shown[:4]:
        yield f"• {escape(clip(detail, 200))}"


def _under_way(incident: Incident) -> Iterable[str]:
    for held in list(incident.mitigations.values())[-3:]:
        told = held.evidence or held.why or held.shows or held.progress
        yield f"*{escape(held.plan.title)}*: {held.stage}{f' ({escape(clip(told, 200))})' if told else ''}"
    for watch in list(incident.watches.values())[-2:]:
        told = watch.evidence or watch.progress or "watching"
        yield f"*By hand: {escape(clip(watch.text, 80))}*: {escape(told)}"


def _left(incident: Incident) -> Iterable[str]:
    for left in incident.standing_leftovers:
        since = f"{left.since:%H:%M} UTC"
        yield f"*Left over* {escape(left.text)}, since {since}, owned by {left.team or 'nobody'}"


def _trouble(incident: Incident) -> Iterable[str]:
    if incident.channel_trouble:
        yield incident.channel_trouble
    for work, why in list(incident.parked.items())[:3]:
        yield f"Not done: {work.replace('-', ' ')} ({why}). `app.py owed retry` tries it again."
    yield from incident.pager_trouble[-2:]
    yield from incident.slack_trouble[-2:]
    unread = [state for state in incident.pages.values() if state.unread]
    for state in unread[-2:]:
        yield (
            f"The alerts could not be read from PagerDuty ({state.unread})."
            f" Read them at {state.page.address}"
        )
    if len(unread) > 2:
        yield f"Nor could those of {len(unread) - 2} other pages."
    yield from (p.failed for p in incident.public if p.failed)
    if incident.postmortem_trouble:
        yield f"No postmortem draft: {incident.postmortem_trouble}"
    yield from incident.follow_up_trouble[-1:]
    if incident.revert_trouble:
        yield incident.revert_trouble


def _buttons(incident: Incident) -> list[Block]:
    """At most three, one of them primary; everything else is behind More."""
    id_ = incident.id
    more = press("More…", Act.MENU, id_)
    roll_back = _first_way_back(incident)
    busy = any(m.stage is not MitigationStage.PROPOSED for m in incident.running)
    match incident.stage:
        case Stage.ALERT:
            take = press("Acknowledge the page", Act.ACKNOWLEDGE, id_, style="primary")
            return [take, roll_back, more] if incident.service else [take, more]
        case Stage.TRIAGE | Stage.MITIGATION:
            update = press("Post an update…", Act.UPDATE_FORM, id_)
            if busy or not incident.service:
                return [update, more]
            return [{**roll_back, "style": "primary"}, update, more]
        case Stage.ANALYSIS:
            done = press("Resolve the incident…", Act.RESOLVE_FORM, id_, style="primary")
            public = press("Post to the status page…", Act.STATUSPAGE_FORM, id_)
            return [done, public, more]
        case Stage.RESOLVED:
            ticket = press("Add a follow-up…", Act.FOLLOW_UP_FORM, id_)
            again = press("Reopen the incident…", Act.REOPEN_FORM, id_)
            return [ticket, again, more]
    return [more]


def _first_way_back(incident: Incident) -> Block:
    """Of the likeliest suspect, where something else than a rollback takes it back."""
    for suspect in incident.suspects[:1]:
        found = way_back(suspect.change, incident.id)
        if found is not None and suspect.change.reversible_by != ROLLBACK:
            return found
    return press(f"Roll back {incident.service}…", Act.ROLLBACK_FORM, incident.id)


def _small_print(incident: Incident, around: Surroundings) -> list[str]:
    said: list[str] = []
    if (others := len(incident.open_pages) - _PAGES_SHOWN) > 0:
        said.append(f"{len(incident.open_pages)} pages are open, {others} besides these:")
    for state in incident.open_pages[:_PAGES_SHOWN]:
        now, page = state.paged_now, state.page
        names = ", ".join(now.names or page.assignees) or "nobody"
        if state.acknowledged_by:
            said.append(f"<{page.address}|Page> acknowledged by {escape(state.acknowledged_by)}")
            continue
        then = f", goes to {', '.join(now.next_names)}" if now.next_names else ""
        at = f" at {now.next_at:%H:%M} UTC" if now.next_names and now.next_at else ""
        said.append(f"<{page.address}|Paged> now: {escape(names)}{escape(then)}{at}")
    roles = [
        f"{role.label}: {person.mention}"
        for role, person in incident.roles.items()
        if role is not Role.COMMANDER
    ]
    said += roles
    if around.observe:
        said.append("👀 Observe mode: nothing is written to the world outside Slack")
    if around.switched_off:
        said.append(f"Not configured: {', '.join(around.switched_off)}")
    said.append(f"Incident `{incident.id}` · `{around.command} help` for everything")
    return said[:10]
