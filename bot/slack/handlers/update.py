"""Internal updates: four lines, always with the time of the next one."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.update import Update
from bot.flow import communicate
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, updates
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools

_FIELDS = ("impact", "changed", "doing", "risk", "next")


@command("update", usage="update [what users notice]", explains="tells the channel how it stands")
def update(tools: Tools, ask: Ask) -> Reply | None:
    """In one line the next time comes from the severity's clock."""
    if not ask.text:
        text = "What do users notice now?"
        blocks = menu.offer(text, "Post an update…", Act.UPDATE_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    communicate.post_update(tools, ask.here(), Update(impact=ask.text), by=ask.person)
    return None


@opens(Act.UPDATE_FORM, "update", act="update")
def update_form(tools: Tools, ask: Ask) -> View:
    incident = tools.timeline.read(ask.here())
    now = tools.clock.now()
    every = communicate.next_time(tools, incident) - now
    return updates.form(incident, now=now, every=every)


@opens(Act.UPDATE_PREVIEW, act="update")
def preview(tools: Tools, ask: Ask) -> View:
    """The same form with what was typed, and how it will read."""
    incident = tools.timeline.read(ask.here())
    now = tools.clock.now()
    every = communicate.next_time(tools, incident) - now
    typed = {name: ask.one(name) for name in _FIELDS}
    return updates.form(incident, now=now, every=every, typed=typed)


@form(Act.UPDATE_FORM, act="update")
def posted(tools: Tools, ask: Ask) -> None:
    wanted = Update(
        impact=ask.one("impact"),
        changed=ask.one("changed"),
        doing=ask.one("doing"),
        risk=ask.one("risk"),
        next_at=tools.clock.now() + timedelta(minutes=int(ask.one("next"))),
    )
    communicate.post_update(tools, ask.here(), wanted, by=ask.person)


@button(Act.SNOOZE_UPDATE, act="update")
def snooze(tools: Tools, ask: Ask) -> None:
    communicate.snooze(tools, ask.here(), by=ask.person)
