"""Who works on it, how bad it is, and what people wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.events import (
    ChannelMade,
    ChannelOpened,
    ChannelRenamed,
    ChannelUnavailable,
    HandoverDeclined,
    HandoverOffered,
    Invited,
    Joined,
    MarkedMessageDeleted,
    MarkedMessageEdited,
    MarkRemoved,
    MessageMarked,
    MessagePosted,
    Nagged,
    Noted,
    NoteKind,
    OnCallFound,
    Role,
    RoleGiven,
    RoleLeft,
    SeverityProposed,
    SeveritySet,
    SlackActFailed,
    TopicSet,
    WorkParked,
    WorkResumed,
)
from bot.domain.facts import Entry
from bot.domain.incident.opening import Opened
from bot.domain.people import Person, Standing
from bot.domain.severity import Proposal, Severity


@dataclass(frozen=True, kw_only=True)
class Note:
    id: str
    kind: NoteKind
    text: str
    by: Person
    at: datetime
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A channel message that people put on the timeline; gone when the last of them un-reacts."""

    ts: str
    text: str
    author: Person
    at: datetime
    link: str
    emoji: str
    by: tuple[Person, ...]
    files: tuple[str, ...] = ()
    edited: bool = False
    deleted: bool = False


@dataclass(kw_only=True)
class Staffed(Opened):
    channel: str = ""
    channel_name: str = ""
    card: str = ""
    topic: str = ""
    made_channel: str = ""
    channel_trouble: str = ""
    messages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    severity: Severity | None = None
    severity_reason: str = ""
    severity_by: Person | None = None
    roles: Mapping[Role, Person] = field(default_factory=dict)
    handovers: Mapping[Role, Person] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    on_call: tuple[Person, ...] = ()
    notes: tuple[Note, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict)
    nags: tuple[str, ...] = ()
    slack_trouble: tuple[str, ...] = ()
    parked: Mapping[str, str] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        match entry.fact:
            case SeverityProposed(severity=severity, reason=reason):
                if self.severity_by is None:
                    self.severity, self.severity_reason = severity, reason
            case SeveritySet(severity=severity, by=by, reason=reason):
                self.severity, self.severity_by = severity, by
                self.severity_reason = reason or f"set by {by.name}"
            case RoleGiven(role=role, person=person):
                self.roles = {**self.roles, role: person}
                self.handovers = {r: p for r, p in self.handovers.items() if r is not role}
                self._present(person)
            case RoleLeft(role=role):
                self.roles = {r: p for r, p in self.roles.items() if r is not role}
            case HandoverOffered(role=role, person=person):
                self.handovers = {**self.handovers, role: person}
            case HandoverDeclined(role=role):
                self.handovers = {r: p for r, p in self.handovers.items() if r is not role}
            case Joined(person=person):
                self._present(person)
            case OnCallFound(people=people):
                self.on_call = people
            case Invited(people=people):
                for person in people:
                    self._present(person)
            case Nagged(about=about, also=also):
                self.nags = (*self.nags, about, *also)
            case _:
                self._slack_news(entry)
                self._written(entry)

    def _slack_news(self, entry: Entry) -> None:
        match entry.fact:
            case ChannelRenamed(name=name):
                self.wanted_name = name
            case ChannelMade(channel=channel):
                self.made_channel = channel
            case ChannelOpened(channel=channel, name=name, card=card):
                self.channel, self.channel_name, self.card = channel, name, card
                self.channel_trouble = ""
            case ChannelUnavailable(why=why):
                self.channel_trouble = why
            case TopicSet(topic=topic):
                self.topic = topic
            case MessagePosted(what=what, channel=channel, ts=ts):
                self.messages = {**self.messages, what: (channel, ts)}
            case WorkParked(work=work, why=why):
                self.parked = {**self.parked, work: why}
            case WorkResumed(work=work):
                self.parked = {w: why for w, why in self.parked.items() if w != work}
            case SlackActFailed(doing=doing, why=why, by_hand=by_hand):
                said = f"Could not {doing}: {why} {by_hand}".strip()
                if said not in self.slack_trouble:
                    self.slack_trouble = (*self.slack_trouble, said)

    def _written(self, entry: Entry) -> None:
        match entry.fact:
            case Noted(id=id_, kind=kind, text=text, by=by, link=link):
                note = Note(id=id_, kind=kind, text=text, by=by, at=entry.when, link=link)
                self.notes = (*self.notes, note)
            case MessageMarked(ts=ts) as marked:
                self._marked(ts, marked, entry.when)
            case MarkRemoved(ts=ts, by=by) if ts in self.marks:
                mark = self.marks[ts]
                left = tuple(p for p in mark.by if not p.same(by))
                rest = {t: m for t, m in self.marks.items() if t != ts}
                self.marks = {**rest, ts: replace(mark, by=left)} if left else rest
            case MarkedMessageEdited(ts=ts, text=text) if ts in self.marks:
                edited = replace(self.marks[ts], text=text, edited=True)
                self.marks = {**self.marks, ts: edited}
            case MarkedMessageDeleted(ts=ts) if ts in self.marks:
                self.marks = {**self.marks, ts: replace(self.marks[ts], deleted=True)}

    def _marked(self, ts: str, marked: MessageMarked, at: datetime) -> None:
        known = self.marks.get(ts)
        if known:
            mark = replace(known, by=(*known.by, marked.by))
        else:
            mark = Mark(
                ts=ts,
                text=marked.text,
                author=marked.author,
                at=at,
                link=marked.link,
                emoji=marked.emoji,
                by=(marked.by,),
                files=marked.files,
            )
        self.marks = {**self.marks, ts: mark}

    def _present(self, person: Person) -> None:
        if not any(person.same(p) for p in self.people):
            self.people = (*self.people, person)

    @property
    def commander(self) -> Person | None:
        return self.roles.get(Role.COMMANDER)

    def visible_to(self, person: Person) -> bool:
        """Public ones to everybody of the workspace, private ones to those who are in them."""
        if person.standing is Standing.OUTSIDER:
            return any(person.same(p) for p in self.people)
        if self.visibility.value == "public":
            return True
        return any(person.same(p) for p in self.people)

    def propose_severity(self, proposal: Proposal) -> None:
        """A proposal never overrides what a person said."""
        if self.severity_by is None and self.severity is not proposal.severity:
            self.record(SeverityProposed(severity=proposal.severity, reason=proposal.reason))

    def set_severity(self, severity: Severity, *, by: Person, reason: str = "") -> None:
        """Lowering needs a reason; raising never does."""
        if self.severity is severity and self.severity_by is not None:
            raise Refused(f"It is already {severity}.")
        lower = self.severity is not None and severity.rank > self.severity.rank
        if lower and not reason.strip():
            raise Refused(
                f"Lowering from {self.severity} to {severity} needs a reason: say it in one line."
            )
        self.record(SeveritySet(severity=severity, by=by, reason=reason.strip()))

    def give_role(self, role: Role, person: Person, *, by: Person) -> None:
        """A free role is taken at once; a held one is handed over, and the other must accept."""
        holder = self.roles.get(role)
        if person.standing is not Standing.MEMBER:
            raise Refused(f"{person.name} is a guest here and cannot take a role.")
        if person.same(holder):
            raise Refused(f"{person.name} already is {role.label.lower()}.")
        if holder is not None:
            self.record(HandoverOffered(role=role, person=person, by=by))
        else:
            self.record(RoleGiven(role=role, person=person, by=by))

    def accept_handover(self, role: Role, *, by: Person) -> None:
        offered = self.handovers.get(role)
        if offered is None:
            raise Refused("Nothing is being handed over.")
        if not by.same(offered):
            raise Refused(f"Only {offered.name} can accept this.")
        self.record(RoleGiven(role=role, person=by, by=by))

    def decline_handover(self, role: Role, *, by: Person) -> None:
        offered = self.handovers.get(role)
        if offered is None or not by.same(offered):
            raise Refused("Nothing is being handed over to you.")
        self.record(HandoverDeclined(role=role, person=by))

    def note(self, text: str, *, by: Person, kind: NoteKind, link: str = "") -> None:
        if not text.strip():
            raise Refused("Say what happened, in a few words after the command.")
        self.record(Noted(id=f"n{self.seq + 1}", kind=kind, text=text.strip(), by=by, link=link))
