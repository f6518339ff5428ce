"""Afterwards: the postmortem is asked for, and follow-ups get an owner and a date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.domain.review import FollowUpType
from bot.flow import review
from bot.slack.actions import Act, carried
from bot.slack.blocks import View
from bot.slack.cards import ending, menu
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools

_VAGUE = {"improve", "investigate", "consider", "try", "look", "think", "discuss", "remind"}


@command("postmortem", usage="postmortem", explains="writes the draft from the timeline, again")
@button(Act.POSTMORTEM)
def postmortem(tools: Tools, ask: Ask) -> Reply | None:
    review.ask_for_postmortem(tools, ask.here(), by=ask.person)
    return None


@command(
    "follow-up",
    usage="follow-up <what> [done when <how one sees it>]",
    explains="adds work with one owner, and its ticket",
)
def follow_up(tools: Tools, ask: Ask) -> Reply | None:
    """Without the words for its end, the form asks for them."""
    incident = ask.here()
    title, _, done = ask.text.partition("done when ")
    if not done.strip():
        text = "How does one see that it is done, and who owns it?"
        value = carried(incident, title.strip()[:150])
        blocks = menu.offer(text, "Add a follow-up…", Act.FOLLOW_UP_FORM, value)
        return Reply(text=text, blocks=blocks)
    review.follow_up(tools, incident, title.strip(" ,;"), by=ask.person, done_when=done)
    return None


@opens(Act.FOLLOW_UP_FORM, "follow-up", act="follow-up")
def follow_up_form(tools: Tools, ask: Ask) -> View:
    incident = tools.timeline.read(ask.here())
    severity = incident.severity.value if incident.severity else "sev3"
    due = (tools.clock.now() + tools.policy.rhythm(severity).follow_up_due).date()
    return ending.follow_up(incident, owner=ask.person, due=due, title=ask.value)


def check(_carried: str, fields: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str]:
    first = str(fields.get("title", "")).strip().lower().partition(" ")[0]
    if first in _VAGUE:
        return {"title": f"“{first}” has no end: name a change that one can see when it is there."}
    return {}


@form(Act.FOLLOW_UP_FORM, act="follow-up", check=check)
def added(tools: Tools, ask: Ask) -> None:
    due = ask.one("due")
    review.follow_up(
        tools,
        ask.here(),
        ask.one("title"),
        by=ask.person,
        owner=tools.directory.by_id(ask.one("owner")),
        kind=FollowUpType(ask.one("type")),
        done_when=ask.one("done"),
        due=date.fromisoformat(due) if due else None,
    )
