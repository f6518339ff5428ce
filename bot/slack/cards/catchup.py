"""What somebody who comes late has to know, in at most eight lines."""

from __future__ import annotations

from datetime import datetime

from bot.domain.events import Role
from bot.domain.incident import Incident, Stage
from bot.domain.mitigation import MitigationStage
from bot.flow.shown import lasting
from bot.slack.blocks import Blocks, clip, clock, escape, section
from bot.slack.cards.standing import unwell

UNKNOWN = "not known yet"


def catch_up(incident: Incident, *, now: datetime, update_due: datetime | None) -> tuple[str, ...]:
    """State, impact, tried, now, who, and what is asked."""
    return (
        _state(incident, now),
        f"*Impact:* {escape(_impact(incident))}",
        f"*Tried:* {escape(_tried(incident))}",
        f"*Now:* {escape(_doing(incident))}",
        f"*Who:* {_who(incident)}",
        f"*Asked:* {escape(_asks(incident))}",
        f"*Next update:* {_next(incident, now, update_due)}",
        *((f"*Unwell beneath it:* {escape(below)}",) if (below := unwell(incident)) else ()),
    )


def status(incident: Incident, *, now: datetime, update_due: datetime | None) -> Blocks:
    """Four lines for who asks in passing."""
    lines = catch_up(incident, now=now, update_due=update_due)
    return (section("\n".join((lines[0], lines[1], lines[3], lines[6]))),)


def shown(incident: Incident, *, now: datetime, update_due: datetime | None) -> Blocks:
    return (section("\n".join(catch_up(incident, now=now, update_due=update_due))),)


def _state(incident: Incident, now: datetime) -> str:
    grade = incident.severity.value if incident.severity else "SEV?"
    where = f"{incident.service or 'service unknown'} in {incident.environment}"
    start = incident.impact_start
    end = incident.resolved_at or now
    since = f", {lasting(end - start)}" if start else ""
    title = escape(clip(incident.title, 150))
    return f"*{grade} {escape(where)}:* {title} ({incident.stage.value}{since})"


def _impact(incident: Incident) -> str:
    if incident.updates:
        return clip(incident.updates[-1][2].impact, 200)
    finding = next((f for f in incident.findings.values() if f.question.value == "errors"), None)
    text = getattr(finding, "text", "")
    return clip(text, 200) or UNKNOWN


def _tried(incident: Incident) -> str:
    done = [
        f"{m.plan.title}: {m.stage.value}"
        for m in incident.mitigations.values()
        if m.stage is not MitigationStage.PROPOSED
    ]
    done += [
        f"{w.text}: {w.evidence or w.progress or 'watched'}" for w in incident.watches.values()
    ]
    if not done:
        return "nothing yet"
    more = f" and {len(done) - 3} more" if len(done) > 3 else ""
    return clip("; ".join(done[-3:]), 300) + more


def _doing(incident: Incident) -> str:
    for held in incident.running:
        if held.stage is not MitigationStage.PROPOSED:
            return clip(f"{held.plan.title}: {held.progress or held.stage.value}", 200)
    if incident.updates and incident.updates[-1][2].doing:
        return clip(incident.updates[-1][2].doing, 200)
    if incident.stage is Stage.RESOLVED:
        return f"over: {clip(incident.resolved_how, 200)}"
    if incident.stage is Stage.ANALYSIS:
        return "users are well; finding out what led to it"
    first = next(iter(incident.suspects), None)
    if first is not None:
        return f"suspect {first.change.service} {first.change.after}"
    return UNKNOWN


def _who(incident: Incident) -> str:
    named = [f"{role.label} {person.mention}" for role, person in incident.roles.items()]
    if Role.COMMANDER not in incident.roles:
        named.insert(0, "nobody commands")
    return ", ".join(named)


def _asks(incident: Incident) -> str:
    """What waits for somebody's answer."""
    waiting = [
        f"approve “{m.plan.title}”?"
        for m in incident.running
        if m.stage is MitigationStage.PROPOSED
    ]
    waiting += [
        f"settle “{m.plan.title}”, which is stuck"
        for m in incident.running
        if m.stage is MitigationStage.STUCK
    ]
    if incident.stage is Stage.ALERT:
        waiting.append("acknowledge the page")
    if incident.stage.open and not incident.service:
        waiting.append("name the service")
    return clip("; ".join(waiting), 300) or "nothing"


def _next(incident: Incident, now: datetime, due: datetime | None) -> str:
    if not incident.stage.open:
        return "none, it is over"
    if due is None:
        return "at the next change"
    return f"overdue by {lasting(now - due)}" if due < now else clock(due)
