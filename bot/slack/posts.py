"""Each fact that responders should see becomes one message, once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.facts import Entry, Fact
from bot.domain.incident import HOUSE, Incident
from bot.reactions import Lane, reacts_to
from bot.slack.blocks import Message, escape, section
from bot.slack.cards.beginning import role_duties, which_service
from bot.slack.cards.listing import baseline
from bot.slack.cards.notices import notice
from bot.slack.cards.questions import as_it_stands, key
from bot.slack.gateway import Gateway, SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

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
    e.LeftoverKept,
    e.LeftoverKeepFailed,
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
        message = as_it_stands(entry, tools.timeline.entries(incident.id, entry.seq), incident)
        if message is not None:
            self.posting.once(tools, incident.id, key(entry), message, channel=incident.channel)

    @reacts_to(*IN_THREAD, name="post-detail", lane=Lane.CHATTER, needs_channel=True)
    def post_detail(self, tools: Tools, entry: Entry) -> None:
        incident = tools.timeline.read(entry.incident)
        message = notice(entry, incident)
        if message is not None:
            self.posting.once(
                tools,
                incident.id,
                key(entry),
                message,
                channel=incident.channel,
                thread="" if _matters(entry.fact) else incident.card,
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
            self.posting.once(tools, incident.id, key(entry), message, channel=fact.person.user_id)
        except SlackRefused as refused:
            if refused.code in {"ratelimited", "rate_limited"}:
                raise

    @reacts_to(
        e.MitigationApproved, e.ApproverAsked, name="tell-second-person", needs_channel=True
    )
    def tell_second_person(self, tools: Tools, entry: Entry) -> None:
        """Approved alone: a second person is told. Asked: they are told where to look."""
        incident = tools.timeline.read(entry.incident)
        message = as_it_stands(entry, tools.timeline.entries(incident.id, entry.seq), incident)
        held = incident.messages.get(f"mitigation:{getattr(entry.fact, 'mitigation', '')}")
        if message is not None:
            self.posting.once(
                tools,
                incident.id,
                key(entry),
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
            tools, incident.id, f"{key(entry)}:glass", message, channel=self.announcements
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
        self.posting.once(tools, HOUSE, key(entry), message, channel=self.announcements)

    @reacts_to(e.BaselineTaken, name="list-baseline", lane=Lane.CHATTER)
    def list_baseline(self, tools: Tools, entry: Entry) -> None:
        """What was open before we came: listed once, adopted by hand, otherwise untouched."""
        fact = entry.fact
        assert isinstance(fact, e.BaselineTaken)
        if not fact.pages or not self.announcements:
            return
        message = baseline(tools.timeline.read(HOUSE))
        self.posting.once(tools, HOUSE, "baseline", message, channel=self.announcements)


def _told_already(entry: Entry, incident: Incident) -> bool:
    """The draft is renewed quietly; its address stays the same."""
    others = (what for what in incident.messages if what != key(entry))
    return any(what.startswith(f"{entry.fact.stored}:") for what in others)


def _matters(fact: Fact) -> bool:
    """A detail that nobody may miss: what was done to help is no longer in force."""
    return isinstance(fact, e.LeftoverCleared) and bool(fact.again_by)
