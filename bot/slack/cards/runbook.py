"""The runbook of an incident: the best match or none, and once taken a checklist that people tick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.events import RunbookFound, StepState
from bot.domain.incident import Checklist, Incident, Ticked
from bot.domain.runbook import Answer, Match, Step, Verdict
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    Blocks,
    Message,
    actions,
    checkboxes,
    choose,
    clip,
    context,
    escape,
    option,
    press,
    section,
)

_CHUNK = 10
_LABEL = 70
_FIRST = 3
_MATCHES = 3


def card(incident: Incident) -> Message:
    """Posted once, edited as people tick."""
    grade = incident.severity.value if incident.severity else "SEV?"
    where = f"{grade} {incident.service or 'service unknown'}"
    held, found = incident.checklist, incident.runbook
    if held is not None:
        done = sum(t.state is StepState.DONE for t in held.steps)
        text = f"{where}: runbook {held.title}, {done} of {len(held.steps)} steps done"
        return Message(text=text, blocks=tuple(_checklist(incident, held)))
    if found is None or found.verdict is Verdict.NONE or not found.matches:
        return Message(text=f"{where}: no runbook fits", blocks=tuple(_none(incident, found)))
    best = found.matches[0]
    return Message(text=f"{where}: runbook {best.title}", blocks=tuple(_match(incident, found)))


def _match(incident: Incident, found: RunbookFound) -> Iterable[Block]:
    best = found.matches[0]
    sure = found.verdict is Verdict.CONFIDENT
    said = "*Runbook*" if sure else "*No runbook surely fits.* The closest is"
    lines = [f"{said} *{escape(best.title)}* ({escape(best.reason)})", f"`{_address(best)}`"]
    lines += [_step(step) for step in found.steps[:_FIRST]]
    if len(found.steps) > _FIRST:
        lines.append(f"and {len(found.steps) - _FIRST} more steps")
    yield section("\n".join(lines))
    use = press(
        "Use this runbook as the checklist",
        Act.TAKE_RUNBOOK,
        carried(incident.id, _address(best)),
        style="primary" if sure else "",
    )
    search = press("Search the runbooks…", Act.RUNBOOK_FORM, incident.id)
    yield actions(*([use] if found.steps else []), search)


def _none(incident: Incident, found: RunbookFound | None) -> Iterable[Block]:
    lines = ["*No runbook fits.*"]
    if found is not None and found.matches:
        near = ", ".join(f"{escape(m.title)} (`{m.path}`)" for m in found.matches[:_MATCHES])
        lines.append(f"Nearest by its words only: {near}")
    lines.append("What you do here becomes the first draft of one: 📌 it, or say `did …`.")
    yield section("\n".join(lines))
    yield actions(press("Search the runbooks…", Act.RUNBOOK_FORM, incident.id))


def _step(step: Step) -> str:
    command = f"\n```{escape(clip(step.command, 400))}```" if step.command else ""
    return f"*{step.number}.* {escape(clip(step.text, 400))}{command}"


def _address(match: Match) -> str:
    return f"{match.path}#{match.section}" if match.section else match.path


def _checklist(incident: Incident, held: Checklist) -> Iterable[Block]:
    taken = f" taken by {held.taken_by.mention}" if held.taken_by else ""
    yield section(f"*Runbook: {escape(held.title)}*\n`{held.path}`{taken}")
    for start in range(0, len(held.steps), _CHUNK):
        yield from _chunk(incident, held.steps[start : start + _CHUNK])
    if marks := list(_marks(held)):
        yield context(*_clipped(marks))
    options = [
        option(f"Step {t.step.number} is wrong", carried(incident.id, str(t.step.number)))
        for t in held.steps
        if t.state is not StepState.WRONG
    ]
    elements = [choose(Act.STEP_WRONG, "Mark a step as wrong", options)] if options else []
    yield actions(
        *elements,
        press("Mark what is missing…", Act.STEP_MISSING_FORM, incident.id),
        press("Search the runbooks…", Act.RUNBOOK_FORM, incident.id),
    )


def _chunk(incident: Incident, steps: Sequence[Ticked]) -> Iterable[Block]:
    """The block's id says what was ticked when it was shown: ticks of two people never undo each other."""
    long = [_step(t.step) for t in steps if t.step.command or len(t.step.text) > _LABEL]
    if long:
        yield section("\n".join(long))
    options = {t.step.number: _tick(t) for t in steps}
    ticked = [t.step.number for t in steps if t.state is StepState.DONE]
    boxes = checkboxes(
        f"{Act.TICK_STEPS}:{steps[0].step.number}",
        list(options.values()),
        ticked=[options[n] for n in ticked],
    )
    shown = ",".join(str(n) for n in ticked)
    yield actions(boxes, block=f"ticks-{steps[0].step.number}|{shown}|{incident.id}")


def _tick(ticked: Ticked) -> Block:
    label = f"{ticked.step.number}. {ticked.step.text}"
    return option(clip(label, _LABEL + 5), str(ticked.step.number))


def _marks(held: Checklist) -> Iterable[str]:
    for t in held.steps:
        if t.state is StepState.TODO or t.by is None:
            continue
        mark = "✅ done" if t.state is StepState.DONE else f"⚠️ {t.state.value}"
        when = f" at {t.at:%H:%M} UTC" if t.at else ""
        yield f"{mark}: step {t.step.number}, {t.by.mention}{when}"
    for text in held.missing:
        yield f"⚠️ missing: {escape(clip(text, 150))}"


def _clipped(lines: Sequence[str]) -> list[str]:
    """A context block holds ten: the older ones share the first."""
    if len(lines) <= 10:
        return list(lines)
    return [clip(" · ".join(lines[:-9]), 1900), *lines[-9:]]


def found(incident: str, answer: Answer) -> Blocks:
    """The answer to a search, for who asked."""
    if answer.verdict is Verdict.NONE or not answer.matches:
        near = ", ".join(f"{escape(m.title)} (`{m.path}`)" for m in answer.matches[:_MATCHES])
        nearest = f" Nearest by its words only: {near}." if near else ""
        again = " Other words may find one: the alert's name, the service, the text of the error."
        return (section(f"*No runbook fits.*{nearest}{again}"),)
    sure = answer.verdict is Verdict.CONFIDENT
    lines = ["*Runbooks*" if sure else "*No runbook surely fits.* The closest:"]
    shown = answer.matches[:_MATCHES]
    lines += [
        f"{n}. *{escape(m.title)}* `{_address(m)}`: {escape(clip(m.reason, 150))}"
        for n, m in enumerate(shown, 1)
    ]
    blocks: list[Block] = [section("\n".join(lines))]
    if incident:
        blocks.append(
            actions(
                *(
                    press(
                        f"Use as checklist: {m.title}",
                        f"{Act.TAKE_RUNBOOK}:{n}",
                        carried(incident, _address(m)),
                    )
                    for n, m in enumerate(shown, 1)
                )
            )
        )
    return tuple(blocks)
