"""The status page: drafted from a template, edited, previewed, posted by who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.errors import Refused
from bot.domain.update import ComponentState, PublicStatus, PublicUpdate
from bot.flow import communicate
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, public
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command("statuspage", usage="statuspage", explains="drafts a post for customers, and posts it")
def statuspage(tools: Tools, ask: Ask) -> Reply:
    text = "What customers read is drafted in a form."
    blocks = menu.offer(text, "Post to the status page…", Act.STATUSPAGE_FORM, ask.here())
    return Reply(text=text, blocks=blocks)


@opens(Act.STATUSPAGE_FORM, "statuspage", act="statuspage")
def statuspage_form(tools: Tools, ask: Ask) -> View:
    """Opens at once; the components are read behind it. `value` is another status to start from."""
    return _drafted(tools, ask, typed=False)


@opens(Act.STATUSPAGE_PREVIEW, act="statuspage")
def preview(tools: Tools, ask: Ask) -> View:
    return _drafted(tools, ask, typed=True)


@form(Act.STATUSPAGE_FORM, act="statuspage")
def posted(tools: Tools, ask: Ask) -> None:
    incident, status = tools.timeline.read(ask.here()), PublicStatus(ask.value)
    minutes = ask.one("next")
    rank = incident.severity.rank if incident.severity else 3
    update = PublicUpdate(
        title=ask.one("title"),
        status=status,
        body=ask.one("body"),
        components=tuple(
            ComponentState(id=id_, name="", status=state)
            for id_, state in public.chosen_components(ask.fields).items()
        ),
        notify="notify" in ask.many("notify"),
        impact={1: "critical", 2: "major"}.get(rank, "minor"),
    )
    next_at = tools.clock.now() + timedelta(minutes=int(minutes)) if minutes else None
    communicate.publish(tools, incident.id, update, by=ask.person, next_at=next_at)


def _drafted(tools: Tools, ask: Ask, *, typed: bool) -> View:
    if tools.status_page is None:
        raise Refused("No status page is configured: tell customers by your usual way.")
    incident = tools.timeline.read(ask.here())
    status = PublicStatus(ask.value) if ask.value else None

    def fill() -> View:
        draft = communicate.draft_public(tools, incident.id, status)
        fields = ask.fields if typed else None
        return public.form(incident, draft, now=tools.clock.now(), typed=fields)

    return replace(public.loading(incident), fill=fill)
