"""The form of a post to the status page: drafted, edited, previewed, and never sent by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.incident import Incident
from bot.domain.update import ComponentState, PublicStatus
from bot.flow.communicate import PublicDraft
from bot.flow.shown import lasting
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    View,
    actions,
    answer,
    checkboxes,
    clip,
    context,
    escape,
    option,
    press,
    section,
    write,
)
from bot.slack.cards.inputs import select, words

_MINUTES = (15, 30, 60, 120, 240)
_MOST_COMPONENTS = 12
_STATES = {
    "operational": "operational",
    "degraded_performance": "degraded performance",
    "partial_outage": "partial outage",
    "major_outage": "major outage",
    "under_maintenance": "under maintenance",
}
_COMPONENT = "component-"

Typed = Mapping[str, str | tuple[str, ...]]


def loading(incident: Incident) -> View:
    return View(
        name=Act.STATUSPAGE_FORM,
        title="Status page",
        carries=carried(incident.id),
        blocks=(section("Reading the components of the status page…"),),
    )


def form(
    incident: Incident, draft: PublicDraft, *, now: datetime, typed: Typed | None = None
) -> View:
    """`typed` is what stood in the form when it was previewed. Slack keeps what stands in a block
    while its id stays, so ids change with the status that the draft is for."""
    filled, status = typed or {}, draft.update.status
    title = str(filled.get("title") or draft.update.title)
    body = str(filled.get("body") or draft.update.body)
    blocks: list[Block] = [
        section("Draft for", accessory=_status(incident, status)),
        answer(
            "Headline", write("title", initial=title, limit=200), block=f"title|{status.value}"
        ),
        answer(
            "What customers read",
            write("body", initial=body, lines=True, limit=2500),
            block=f"body|{status.value}",
            hint="What they notice, what they can do. No internal names, no guess at a cause.",
        ),
        *_components(draft, filled),
    ]
    if status is not PublicStatus.RESOLVED:
        blocks.append(_next(draft, now, str(filled.get("next", ""))))
    blocks.append(_notify(draft, "notify" in filled.get("notify", ())))
    if draft.trouble:
        blocks.append(context(f"⚠️ {escape(draft.trouble)}"))
    if typed is not None:
        blocks.append(section(f"*Customers will read:*\n*{escape(title)}*\n{escape(body)}"))
    value = carried(incident.id, status.value)
    blocks.append(actions(press("Preview the post", Act.STATUSPAGE_PREVIEW, value)))
    return View(
        name=Act.STATUSPAGE_FORM,
        title="Status page",
        submit="Post to customers",
        carries=value,
        blocks=tuple(blocks),
    )


def _status(incident: Incident, status: PublicStatus) -> Block:
    """Another status starts from its own template."""
    options = [option(s.value.capitalize(), carried(incident.id, s.value)) for s in PublicStatus]
    chosen = carried(incident.id, status.value)
    return select(Act.STATUSPAGE_FORM, "Status", options, value=chosen)


def _components(draft: PublicDraft, filled: Typed) -> list[Block]:
    """Those that are hit first, with their state after the post; the others stay as they are."""
    wanted = {c.id: c.status for c in draft.update.components}
    status = draft.update.status.value
    ordered = sorted(draft.components, key=lambda c: c.id not in wanted)
    blocks = [
        {**_component(c, wanted, filled), "block_id": f"{_COMPONENT}{c.id}|{status}"}
        for c in ordered[:_MOST_COMPONENTS]
    ]
    if len(ordered) > _MOST_COMPONENTS:
        more = len(ordered) - _MOST_COMPONENTS
        blocks.append(context(f"and {more} more components, left as they are"))
    return blocks


def _component(component: ComponentState, wanted: Mapping[str, str], filled: Typed) -> Block:
    name = f"{_COMPONENT}{component.id}"
    state = str(filled.get(name) or wanted.get(component.id, ""))
    now = _STATES.get(component.status, component.status)
    return answer(
        f"{clip(component.name, 100)} (now {now})",
        select(name, "Leave it as it is", words(_STATES), value=state),
        optional=True,
    )


def chosen_components(fields: Typed) -> dict[str, str]:
    """The states that the form says, by the component's id."""
    return {
        name.removeprefix(_COMPONENT): value
        for name, value in fields.items()
        if name.startswith(_COMPONENT) and isinstance(value, str) and value
    }


def _next(draft: PublicDraft, now: datetime, chosen: str) -> Block:
    promised = max(1, round((draft.next_at - now).total_seconds() / 60))
    options = [
        option(
            f"in {lasting(timedelta(minutes=m))} ({now + timedelta(minutes=m):%H:%M} UTC)", str(m)
        )
        for m in sorted({*_MINUTES, promised})
    ]
    return answer(
        "When do customers hear from you next?",
        select("next", "Next update", options, value=chosen or str(promised)),
    )


def _notify(draft: PublicDraft, ticked: bool) -> Block:
    """Off unless somebody ticks it: an e-mail cannot be taken back."""
    many = "all subscribers" if draft.subscribers is None else f"{draft.subscribers} subscribers"
    box = option(f"Send an e-mail to {many} now", "notify")
    return answer(
        "Notify",
        checkboxes("notify", [box], ticked=[box] if ticked else ()),
        optional=True,
    )
