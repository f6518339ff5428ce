"""Each fact that responders should see becomes one message, once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.facts import Entry
from bot.domain.incident import HOUSE, Incident
from bot.reactions import Lane, reacts_to
from bot.slack.actions import Act
from bot.slack.blocks import Message, actions, clip, context, escape, press, section
from bot.slack.cards.notices import notice, role_duties, which_service
from bot.slack.gateway import Gateway, SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

_LISTED = 10

ASKING = (
    e.Nagged,
    e.ResolveQuestioned,
    e.HandoverOffered,
    e.RevertOffered,
    e.LeftoverBlocked,
    e.LeftoverReminded,
)
TELLING = (
    e.PageMerged,
    e.UpdatePosted,
    e.MitigationVerified,
    e.MitigationFailed,
    e.WatchConcluded,
    e.Resolved,
    e.Reopened,
    e.PostmortemWritten,
    e.PostmortemFailed,
)
IN_THREAD = (
    e.PublicUpdatePosted,
    e.PublicUpdateFailed,
    e.PagerActFailed,
    e.RevertOpened,
    e.RevertFailed,
    e.LeftoverCleared,
    e.PagerClearing,
    e.FollowUpTicketed,
    e.FollowUpFailed,
)


@dataclass(frozen=True)
class Posts:
    """State changes at the top of the channel, details in the card's thread."""

    gateway: Gateway
    posting: Posting
    announcements: str

    @reacts_to(*ASKING, *TELLING, name="post-notice", lane=Lane.DECISION, needs_channel=True)
    def post_notice(self, tools: Tools, entry: Entry) -> None:
        incident = tools.timeline.read(entry.incident)
        if isinstance(entry.fact, e.PostmortemWritten) and _told_already(entry, incident):
            return
        message = notice(entry, incident)
        if message is not None:
            self.posting.once(tools, incident.id, _what(entry), message, channel=incident.channel)

    @reacts_to(*IN_THREAD, name="post-detail", lane=Lane.CHATTER, needs_channel=True)
    def post_detail(self, tools: Tools, entry: Entry) -> None:
        incident = tools.timeline.read(entry.incident)
        message = notice(entry, incident)
        if message is not None:
            self.posting.once(
                tools,
                incident.id,
                _what(entry),
                message,
                channel=incident.channel,
                thread=incident.card,
            )

    @reacts_to(e.Declared, name="ask-service", needs_channel=True)
    def ask_service(self, tools: Tools, entry: Entry) -> None:
        incident = tools.timeline.read(entry.incident)
        if incident.service or not incident.nearest:
            return
        message = which_service(incident)
        self.posting.once(tools, incident.id, "which-service", message, channel=incident.channel)

    @reacts_to(e.RoleGiven, name="tell-duties", lane=Lane.CHATTER, needs_channel=True)
    def tell_duties(self, tools: Tools, entry: Entry) -> None:
        """To the person alone; where they take no direct messages, nothing is lost."""
        fact = entry.fact
        assert isinstance(fact, e.RoleGiven)
        incident = tools.timeline.read(entry.incident)
        message = role_duties(fact.role, incident)
        try:
            self.posting.once(
                tools, incident.id, _what(entry), message, channel=fact.person.user_id
            )
        except SlackRefused as refused:
            if refused.code in {"ratelimited", "rate_limited"}:
                raise

    @reacts_to(
        e.MitigationApproved, e.ApproverAsked, name="tell-second-person", needs_channel=True
    )
    def tell_second_person(self, tools: Tools, entry: Entry) -> None:
        """Approved alone: a second person is told. Asked: they are told where to look."""
        incident = tools.timeline.read(entry.incident)
        message = _second(entry, incident)
        held = incident.messages.get(f"mitigation:{getattr(entry.fact, 'mitigation', '')}")
        if message is not None:
            self.posting.once(
                tools,
                incident.id,
                _what(entry),
                message,
                channel=incident.channel,
                thread=held[1] if held else "",
            )

    @reacts_to(e.MitigationApproved, name="announce-broken-glass")
    def announce_broken_glass(self, tools: Tools, entry: Entry) -> None:
        """Going alone is told where everybody looks."""
        fact = entry.fact
        assert isinstance(fact, e.MitigationApproved)
        if not fact.broke_glass or not self.announcements:
            return
        incident = tools.timeline.read(entry.incident)
        title = incident.mitigations[fact.mitigation].plan.title
        text = (
            f"🔨 *Break-glass* in <#{incident.channel}>: {fact.by.mention} goes alone with"
            f" “{escape(title)}”. Reason: {escape(fact.broke_glass)}"
        )
        message = Message(text=f"Break-glass: {title} by {fact.by.name}", blocks=(section(text),))
        self.posting.once(
            tools, incident.id, _what(entry, "glass"), message, channel=self.announcements
        )

    @reacts_to(e.MitigationsFrozen, name="announce-freeze")
    def announce_freeze(self, tools: Tools, entry: Entry) -> None:
        """The kill switch is everybody's business."""
        fact = entry.fact
        assert isinstance(fact, e.MitigationsFrozen)
        if not self.announcements:
            return
        word = "froze all mitigations" if fact.frozen else "lifted the freeze on mitigations"
        why = f": {escape(fact.why)}" if fact.why else ""
        message = Message(
            text=f"{fact.by.name} {word}", blocks=(section(f"🧊 {fact.by.mention} {word}{why}"),)
        )
        self.posting.once(tools, HOUSE, _what(entry), message, channel=self.announcements)

    @reacts_to(e.BaselineTaken, name="list-baseline", lane=Lane.CHATTER)
    def list_baseline(self, tools: Tools, entry: Entry) -> None:
        """What was open before we came: listed once, adopted by hand, otherwise untouched."""
        fact = entry.fact
        assert isinstance(fact, e.BaselineTaken)
        if not fact.pages or not self.announcements:
            return
        blocks = [
            section(
                f"*{len(fact.pages)} pages were open before Tocsin started.* They are left alone unless you adopt one."
            )
        ]
        for held in fact.pages[:_LISTED]:
            page = held.page
            blocks.append(
                section(
                    f"<{page.address}|{escape(clip(page.title, 150))}> ({held.status})",
                    accessory=press(
                        f"Adopt {clip(page.title, 60)}",
                        f"{Act.ADOPT}:{page.id}",
                        f"{HOUSE} {page.id}",
                    ),
                )
            )
        if len(fact.pages) > _LISTED:
            blocks.append(context(f"and {len(fact.pages) - _LISTED} more in PagerDuty"))
        message = Message(text=f"{len(fact.pages)} open pages were found", blocks=tuple(blocks))
        self.posting.once(tools, HOUSE, "baseline", message, channel=self.announcements)


def _told_already(entry: Entry, incident: Incident) -> bool:
    """The draft is renewed quietly; its address stays the same."""
    others = (what for what in incident.messages if what != _what(entry))
    return any(what.startswith(f"{entry.fact.stored}:") for what in others)


def _what(entry: Entry, extra: str = "") -> str:
    return f"{entry.fact.stored}:{entry.seq}{f':{extra}' if extra else ''}"


def _second(entry: Entry, incident: Incident) -> Message | None:
    match entry.fact:
        case e.ApproverAsked(person=person, by=by, paged=paged, mitigation=m) if person:
            held = incident.mitigations[m]
            how = " (paged too)" if paged else ""
            text = f"{person.mention}{how}: {by.mention} asks you to look at “{escape(held.plan.title)}” above."
            return Message(text=f"{held.plan.title}: approve?", blocks=(section(text),))
        case e.MitigationApproved(mitigation=m, by=by) as approved:
            held = incident.mitigations[m]
            if not by.same(held.proposed_by):
                return None
            others = [p for p in (*incident.on_call, *incident.roles.values()) if not p.same(by)]
            who = others[0].mention if others else "Whoever reads this"
            alone = "broke glass for" if approved.broke_glass else "approved alone"
            text = f"{who}: {by.mention} {alone} “{escape(held.plan.title)}”. You can undo it."
            value = f"{incident.id} {m}"
            button = press(f"Undo: back to {held.plan.live_label}", Act.UNDO, value)
            return Message(
                text=f"{held.plan.title}: approved by one person",
                blocks=(section(text), actions(button)),
            )
    return None
