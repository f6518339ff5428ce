"""Everything that can be done in an incident, behind “More…”, by what one wants just now."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.incident import Incident, Stage
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, Blocks, View, actions, clip, escape, press, section

Button = tuple[str, Act]


def menu(incident: Incident) -> View:
    """What cannot be done at this stage is not shown."""
    blocks: list[Block] = [section(f"*{escape(clip(incident.title, 200))}*")]
    for title, buttons in _groups(incident):
        blocks.append(section(f"*{title}*"))
        blocks.append(actions(*(press(label, act, incident.id) for label, act in buttons)))
    return View(
        name=Act.MENU, title="Incident", carries=carried(incident.id), blocks=tuple(blocks)
    )


def short(incident: Incident) -> Blocks:
    """Where no form can be opened (a mention): the two likeliest, and the way to the rest."""
    return (
        section(f"*{escape(clip(incident.title, 200))}* ({incident.stage.value})"),
        actions(
            press("Post an update…", Act.UPDATE_FORM, incident.id),
            press("Add a note…", Act.NOTE_FORM, incident.id),
            press("More…", Act.MENU, incident.id),
        ),
    )


def offer(text: str, label: str, act: Act, value: str) -> Blocks:
    """One button to what a bare command asked for."""
    return (section(text), actions(press(label, act, value)))


def _groups(incident: Incident) -> Iterable[tuple[str, list[Button]]]:
    is_open = incident.stage.open
    if is_open:
        yield "What happened", _record(incident)
        yield "Who and how bad", _staff(incident)
        yield "Make it well", _mitigate(incident)
        yield "Tell others", _tell()
    yield "Understand", _understand(incident)
    yield "End", _end(incident)


def _record(_incident: Incident) -> list[Button]:
    return [
        ("Add a note…", Act.NOTE_FORM),
        ("Record a decision…", Act.DECIDE_FORM),
        ("Record a fix made by hand…", Act.DID_FORM),
    ]


def _staff(incident: Incident) -> list[Button]:
    found: list[Button] = []
    if incident.pages and not incident.acknowledged:
        found.append(("Acknowledge the page", Act.ACKNOWLEDGE))
    return [
        *found,
        ("Take or give a role…", Act.ROLE_FORM),
        ("Change the severity…", Act.SEVERITY_FORM),
        ("Name the service…", Act.SERVICE_FORM),
        ("Correct the start…", Act.START_FORM),
    ]


def _mitigate(incident: Incident) -> list[Button]:
    found: list[Button] = []
    if incident.service:
        found.append((f"Roll back {incident.service}…", Act.ROLLBACK_FORM))
        found.append(("Something else…", Act.REMEDIES))
    found.append(("Search the runbooks…", Act.RUNBOOK_FORM))
    if incident.checklist:
        found.append(("Mark what the runbook misses…", Act.STEP_MISSING_FORM))
    return found


def _tell() -> list[Button]:
    return [
        ("Post an update…", Act.UPDATE_FORM),
        ("Post to the status page…", Act.STATUSPAGE_FORM),
    ]


def _understand(incident: Incident) -> list[Button]:
    found: list[Button] = [
        ("Catch me up", Act.CATCH_UP),
        ("Show the timeline", Act.TIMELINE),
    ]
    if incident.service:
        found.append(("What changed?", Act.CHANGES))
    if incident.suspects:
        found.append(("Judge the suspects…", Act.SUSPECTS_FORM))
    return [*found, ("Add a contributing factor…", Act.FACTOR_FORM), ("Help", Act.HELP)]


def _end(incident: Incident) -> list[Button]:
    found: list[Button] = []
    if incident.stage.open and incident.mitigated_at is None:
        found.append(("Mark it as mitigated…", Act.MITIGATED_FORM))
    if incident.stage.open:
        found.append(("Resolve the incident…", Act.RESOLVE_FORM))
    if incident.stage is Stage.RESOLVED or incident.mitigated_at is not None:
        found.append(("Reopen the incident…", Act.REOPEN_FORM))
    found.append(("Add a follow-up…", Act.FOLLOW_UP_FORM))
    if incident.stage is Stage.RESOLVED:
        found.append(("Write the postmortem", Act.POSTMORTEM))
        found.append(("Close the status page…", Act.STATUSPAGE_FORM))
    return found
