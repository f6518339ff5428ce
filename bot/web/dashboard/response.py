"""The response on an incident's page: what was done, who is suspected, who does what, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.incident import Incident, MitigationState
from bot.domain.mitigation import MitigationStage
from bot.tools import Tools
from bot.web.dashboard.words import address, plain

_REASONS = 3
_WORDS = {
    MitigationStage.PROPOSED: "waiting for approval",
    MitigationStage.STARTED: "sent, waiting for an answer",
    MitigationStage.VERIFIED: "recovered",
    MitigationStage.FAILED: "not recovered",
    MitigationStage.STUCK: "stuck: nobody knows whether it went through",
    MitigationStage.VOIDED: "void: the world moved",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing of a list: what it is, how it stands, and what is known of it."""

    title: str
    state: str = ""
    about: tuple[str, ...] = ()
    link: str = ""


def mitigations(tools: Tools, incident: Incident) -> list[Item]:
    """Newest first, what was done by hand after them."""
    catalog = tools.catalog
    done = [
        Item(
            title=plain(held.plan.title, catalog),
            state=_WORDS.get(held.stage, held.stage.value),
            about=tuple(plain(each, catalog) for each in _about(held)),
        )
        for held in reversed(list(incident.mitigations.values()))
    ]
    by_hand = [
        Item(
            title=plain(f"By hand: {each.text}", catalog),
            state=plain(each.evidence or each.progress or "watching", catalog),
        )
        for each in incident.watches.values()
    ]
    return done + by_hand


def suspects(tools: Tools, incident: Incident) -> list[Item]:
    """The likeliest first."""
    found = []
    for each in incident.suspects:
        judged = incident.judged(each.change)
        found.append(
            Item(
                title=plain(each.change.title, tools.catalog),
                state=judged.verdict.value if judged else "suspected",
                about=tuple(plain(why, tools.catalog) for why in each.reasons[:_REASONS]),
                link=address(each.change.address),
            )
        )
    return found


def roles(incident: Incident) -> list[Item]:
    return [
        Item(title=role.label, state=person.name or "somebody")
        for role, person in incident.roles.items()
    ]


def leftovers(tools: Tools, incident: Incident) -> list[Item]:
    return [
        Item(
            title=plain(left.text, tools.catalog),
            state=f"since {left.since:%d %b %H:%M} UTC",
            about=(f"for {left.team or 'nobody in particular'}",),
            link=address(left.kept),
        )
        for left in incident.standing_leftovers
    ]


def follow_ups(tools: Tools, incident: Incident) -> list[Item]:
    return [
        Item(
            title=plain(each.title, tools.catalog),
            state=f"due {each.due:%d %b %Y}" if each.due else "",
            about=(each.owner_name or "nobody yet",),
            link=address(each.ticket),
        )
        for each in incident.follow_ups.values()
    ]


def postmortem(incident: Incident) -> Item | None:
    written = incident.postmortem
    if written is None:
        return None
    return Item(title=written.path, link=address(written.pull_request))


def _about(held: MitigationState) -> Iterator[str]:
    agreed = f", approved by {held.approved_by.name}" if held.approved_by else ""
    yield f"proposed by {held.proposed_by.name}{agreed}"
    if told := held.evidence or held.why or held.shows or held.progress:
        yield told
