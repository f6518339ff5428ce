"""What is only guessed: each guess on its own line with its reason, one tap from being put right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, choose, clip, escape, option, section

_EARLIER = {5: "5 min", 15: "15 min", 30: "30 min", 60: "1 h"}
_GUESS = "_a guess_"


def guesses(incident: Incident) -> Iterable[Block]:
    """The severity stays open to change; a service or a start that a person gave is a fact.

    What a block shows is part of its id: Slack keeps what somebody chose in it while the id stays.
    """
    if not incident.stage.open:
        return
    if incident.severity is not None:
        yield _severity(incident, incident.severity)
    if not incident.service or "service" in incident.guessed:
        yield _service(incident)
    if "start" in incident.guessed and incident.impact_start is not None:
        yield _start(incident, incident.impact_start)


def start(incident: Incident) -> str:
    """`since 11:45 UTC (a guess)`, with the name of who said it; empty where it is not known."""
    at, by = incident.impact_start, incident.started_by
    if at is None:
        return ""
    how = " (a guess)" if "start" in incident.guessed else ""
    return f"since {_when(incident, at)}{f' (said by {by.mention})' if by else how}"


def _severity(incident: Incident, severity: Severity) -> Block:
    options = [option(f"{s.value}: {s.meaning}", carried(incident.id, s.value)) for s in Severity]
    menu = choose(Act.SEVERITY, "Severity", options, initial=options[severity.rank - 1])
    by, reason = incident.severity_by, escape(clip(incident.severity_reason, 250))
    said = f"{_GUESS}: {reason}"
    if by is not None:
        own = incident.severity_reason != f"set by {by.name}"
        said = f"set by {by.mention}{f': {reason}' if own else ''}"
    return section(
        f"*Severity* {severity}, {said}",
        accessory=menu,
        block=f"severity|{incident.id}|{severity}",
    )


def _service(incident: Incident) -> Block:
    """The nearest three; the last choice opens the form with all of them."""
    place, options = incident.environment, []
    if incident.service:
        here = f"{incident.service} {place}"
        options.append(option(f"{incident.service} is right", carried(incident.id, here)))
    for name in incident.nearest[:3]:
        options.append(option(f"It is {name}", carried(incident.id, f"{name} {place}")))
    options.append(option("Another service or environment…", carried(incident.id)))
    known = f"{incident.service} in {place}, {_GUESS}" if incident.service else "not known yet"
    why = f": {incident.service_how}" if incident.service_how else ""
    return section(
        f"*Service* {escape(known)}{escape(clip(why, 250))}",
        accessory=choose(Act.NAME_SERVICE, "Name the service", options),
        block=f"service|{incident.id}|{incident.service}",
    )


def _start(incident: Incident, at: datetime) -> Block:
    """Choices are moments, not distances: what was read is what counts when it is pressed late."""
    at = at.replace(second=0, microsecond=0)
    moments = {at: "is right"}
    for minutes, span in _EARLIER.items():
        moments[at - timedelta(minutes=minutes)] = f"{span} earlier"
    paged = min((s.paged_at for s in incident.pages.values() if s.paged_at), default=None)
    if paged is not None:
        moments.setdefault(paged.replace(second=0, microsecond=0), "when the page came")
    options = [
        option(f"{_when(incident, moment)}: {why}", carried(incident.id, moment.isoformat()))
        for moment, why in moments.items()
    ]
    options.append(option("Another time…", carried(incident.id)))
    how = incident.started_how or "when it was opened"
    return section(
        f"*Start* {_when(incident, at)}, {_GUESS}: {escape(clip(how, 250))}",
        accessory=choose(Act.START, "Correct the start", options),
        block=f"start|{incident.id}|{at:%d%H%M}",
    )


def _when(incident: Incident, at: datetime) -> str:
    """With its date where that is not the day of the incident."""
    day = incident.opened_at.date() if incident.opened_at else at.date()
    return f"{at:%H:%M} UTC" if at.date() == day else f"{at:%Y-%m-%d %H:%M} UTC"
