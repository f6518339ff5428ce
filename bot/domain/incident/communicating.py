"""What others were told, when they hear next, and what was left behind temporarily."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.events import (
    LeftoverBlocked,
    LeftoverClearAsked,
    LeftoverCleared,
    LeftoverKeepAsked,
    LeftoverKeepFailed,
    LeftoverKept,
    LeftoverNoted,
    PublicUpdateAsked,
    PublicUpdateFailed,
    PublicUpdatePosted,
    PublicUpdateSuggested,
    RevertAsked,
    RevertFailed,
    RevertOffered,
    RevertOpened,
    Role,
    RoleGiven,
    UpdatePosted,
    UpdateSnoozed,
    WatchAsked,
    WatchConcluded,
    WatchProgressed,
)
from bot.domain.facts import Entry
from bot.domain.incident.continuing import Continuing
from bot.domain.mitigation import Measure, MitigationStage
from bot.domain.people import Person
from bot.domain.update import PublicUpdate, StatusPagePost, Update


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something temporary: who owns it, and whether the world still shows it."""

    id: str
    mitigation: str
    text: str
    team: str
    since: datetime
    blocked: str = ""
    offer: str = ""
    asked_by: Person | None = None
    cleared_at: datetime | None = None
    shows: str = ""
    revert: str = ""
    keeping: Person | None = None
    """Who asked for a pull request to who writes it down, until there is one."""
    kept: str = ""
    """That pull request, or issue."""

    @property
    def standing(self) -> bool:
        return self.cleared_at is None


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A fix made by hand and its verification."""

    id: str
    text: str
    by: Person
    since: datetime
    baseline: Measure | None = None
    progress: str = ""
    recovered: bool | None = None
    evidence: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PublicPost:
    """One post to the status page: asked for, then posted or failed."""

    id: str
    update: PublicUpdate
    by: Person
    asked_at: datetime
    next_at: datetime | None = None
    posted_at: datetime | None = None
    failed: str = ""


@dataclass(kw_only=True)
class Communicating(Continuing):
    updates: tuple[tuple[datetime, Person, Update], ...] = ()
    next_update_at: datetime | None = None
    snoozed: bool = False
    public: tuple[PublicPost, ...] = ()
    public_post: StatusPagePost | None = None
    public_suggested: str = ""
    leftovers: Mapping[str, Leftover] = field(default_factory=dict)
    watches: Mapping[str, Watch] = field(default_factory=dict)
    revert_offer: RevertOffered | None = None
    reverts: tuple[RevertOpened, ...] = ()
    revert_trouble: str = ""
    reverting: Mapping[str, Person] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        at = entry.when
        match entry.fact:
            case UpdatePosted(update=update, by=by):
                self.updates = (*self.updates, (at, by, update))
                self.next_update_at, self.snoozed = update.next_at, False
            case UpdateSnoozed(until=until):
                self.next_update_at, self.snoozed = until, True
            case PublicUpdateAsked(id=id_, update=update, by=by, next_at=next_at):
                post = PublicPost(id=id_, update=update, by=by, asked_at=at, next_at=next_at)
                self.public, self.public_suggested = (*self.public, post), ""
            case PublicUpdatePosted(id=id_, post=posted):
                self._public(id_, posted_at=at, failed="")
                self.public_post = posted
            case PublicUpdateFailed(id=id_, why=why, by_hand=by_hand):
                self._public(id_, failed=f"{why} {by_hand}".strip())
            case PublicUpdateSuggested(status=status):
                self.public_suggested = status
            case _:
                self._left_behind(entry)
                self._watched(entry)

    def _public(self, id_: str, **news: object) -> None:
        self.public = tuple(
            replace(p, **news) if p.id == id_ else p  # type: ignore[arg-type]
            for p in self.public
        )

    def _left_behind(self, entry: Entry) -> None:
        match entry.fact:
            case LeftoverNoted(leftover=id_, mitigation=m, text=text, team=team):
                left = Leftover(id=id_, mitigation=m, text=text, team=team, since=entry.when)
                self.leftovers = {**self.leftovers, id_: left}
            case LeftoverClearAsked(leftover=id_, by=by):
                self._leftover(id_, asked_by=by, blocked="", offer="")
            case LeftoverBlocked(leftover=id_, why=why, offer=offer):
                self._leftover(id_, blocked=why, offer=offer, asked_by=None)
            case LeftoverCleared(leftover=id_, shows=shows):
                self._leftover(id_, cleared_at=entry.when, shows=shows)
            case LeftoverKeepAsked(leftover=id_, by=by):
                self._leftover(id_, keeping=by)
            case LeftoverKept(leftover=id_, address=address):
                self._leftover(id_, keeping=None, kept=address)
            case LeftoverKeepFailed(leftover=id_):
                self._leftover(id_, keeping=None)
            case RevertOffered() as offered:
                self.revert_offer = offered
            case RevertAsked(service=service, by=by):
                self.reverting = {**self.reverting, service: by}
            case RevertOpened() as opened:
                self._reverted(opened.service)
                self.reverts, self.revert_trouble = (*self.reverts, opened), ""
                if opened.leftover:
                    self._leftover(opened.leftover, revert=opened.address)
            case RevertFailed(service=service, why=why, by_hand=by_hand):
                self._reverted(service)
                self.revert_trouble = f"{why} {by_hand}".strip()

    def _reverted(self, service: str) -> None:
        """Answered, one way or the other: it may be asked for again."""
        self.reverting = {s: by for s, by in self.reverting.items() if s != service}

    def _leftover(self, id_: str, **news: object) -> None:
        if id_ in self.leftovers:
            changed = replace(self.leftovers[id_], **news)  # type: ignore[arg-type]
            self.leftovers = {**self.leftovers, id_: changed}

    def _watched(self, entry: Entry) -> None:
        match entry.fact:
            case WatchAsked(watch=id_, text=text, by=by, baseline=baseline):
                watch = Watch(id=id_, text=text, by=by, since=entry.when, baseline=baseline)
                self.watches = {**self.watches, id_: watch}
            case WatchProgressed(watch=id_, progress=progress):
                self._watch(id_, progress=progress)
            case WatchConcluded(watch=id_, recovered=recovered, evidence=evidence):
                self._watch(id_, recovered=recovered, evidence=evidence, ended_at=entry.when)

    def _watch(self, id_: str, **news: object) -> None:
        if id_ in self.watches:
            changed = replace(self.watches[id_], **news)  # type: ignore[arg-type]
            self.watches = {**self.watches, id_: changed}

    @property
    def standing_leftovers(self) -> tuple[Leftover, ...]:
        return tuple(left for left in self.leftovers.values() if left.standing)

    def post_update(self, update: Update, *, by: Person) -> None:
        """Every update says when the next one comes."""
        if not update.impact.strip():
            raise Refused("Say in one line what users notice now.")
        if update.next_at is None:
            raise Refused("Every update names the time of the next one.")
        self.record(UpdatePosted(update=update, by=by))

    def snooze_update(self, until: datetime, *, by: Person) -> None:
        if self.snoozed:
            raise Refused("This reminder was put off once already: post a line, or hand it over.")
        self.record(UpdateSnoozed(until=until, by=by))

    def publish(self, update: PublicUpdate, *, by: Person, next_at: datetime | None) -> str:
        """Pressing *Post* takes the communications role where nobody holds it."""
        if any(p.posted_at is None and not p.failed for p in self.public):
            raise Refused("A post to the status page is on its way: wait for it.")
        if update.status.value != "resolved" and next_at is None:
            raise Refused("Every public update names the time of the next one.")
        id_ = f"{self.id}.p{len(self.public) + 1}"
        if Role.COMMS not in self.roles:
            self.record(RoleGiven(role=Role.COMMS, person=by, by=by))
        self.record(PublicUpdateAsked(id=id_, update=update, by=by, next_at=next_at))
        return id_

    def watch(self, text: str, *, by: Person, baseline: Measure | None) -> str:
        id_ = f"w{self.seq + 1}"
        self.record(WatchAsked(watch=id_, text=text, by=by, baseline=baseline))
        return id_

    def ask_to_clear(self, leftover: str, *, by: Person) -> None:
        held = self.leftovers.get(leftover)
        if held is None or not held.standing:
            raise Refused("That is cleared already.")
        if held.asked_by is not None:
            raise Refused(f"{held.asked_by.name} already asked for it.")
        self.record(LeftoverClearAsked(leftover=leftover, by=by))

    def may_keep(self, leftover: str) -> bool:
        """In force, written down by somebody who puts it back, and meant to have no end."""
        left = self.leftovers.get(leftover)
        held = self.mitigations.get(left.mitigation) if left and left.standing else None
        if held is None or held.underway_at is None or held.stage is MitigationStage.UNDONE:
            return False
        return bool(held.plan.owned_by) and held.plan.ends_after is None

    def ask_to_keep(self, leftover: str, *, by: Person) -> None:
        if not self.may_keep(leftover):
            raise Refused("Nothing of it is to be kept: it is not in force, or ends by itself.")
        held = self.leftovers[leftover]
        if held.kept:
            raise Refused(f"It was proposed to its owner already: {held.kept}")
        if held.keeping is not None:
            raise Refused(f"{held.keeping.name} already asked for it.")
        self.record(LeftoverKeepAsked(leftover=leftover, by=by))

    def ask_to_revert(
        self, *, by: Person, service: str, bad: str, good: str, leftover: str = ""
    ) -> None:
        if any(r.service == service for r in self.reverts):
            raise Refused("A revert pull request is open already.")
        if service in self.reverting:
            raise Refused(f"{self.reverting[service].name} already asked for it.")
        self.record(RevertAsked(service=service, bad=bad, good=good, by=by, leftover=leftover))
