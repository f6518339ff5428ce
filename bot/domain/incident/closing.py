"""How it ends: mitigated, resolved, reopened; and what is written and done afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.events import (
    FactorAdded,
    FollowUpAdded,
    FollowUpFailed,
    FollowUpTicketed,
    Mitigated,
    PostmortemAsked,
    PostmortemCommented,
    PostmortemFailed,
    PostmortemWritten,
    Reopened,
    Resolved,
)
from bot.domain.facts import Entry
from bot.domain.incident.communicating import Communicating
from bot.domain.incident.proposal import overrides
from bot.domain.incident.summary import Stage, StillStanding, Summary, ToDo
from bot.domain.mitigation import MitigationStage
from bot.domain.people import Person
from bot.domain.review import FollowUp


@dataclass(kw_only=True)
class Closing(Communicating):
    mitigated_at: datetime | None = None
    mitigation_known_at: datetime | None = None
    """When it was proven or said; `mitigated_at` is the minute in which it was so."""
    mitigated_how: str = ""
    resolved_at: datetime | None = None
    resolved_how: str = ""
    resolved_by: Person | None = None
    unverified_because: str = ""
    flapped: bool = False
    reopened: int = 0
    reopened_at: datetime | None = None
    factors: tuple[tuple[str, Person], ...] = ()
    postmortem: PostmortemWritten | None = None
    postmortem_asked: bool = False
    postmortem_trouble: str = ""
    commented: str = ""
    follow_ups: Mapping[str, FollowUp] = field(default_factory=dict)
    follow_up_trouble: tuple[str, ...] = ()

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        match entry.fact:
            case Mitigated(how=how):
                self.mitigated_at, self.mitigated_how = entry.when, how
                self.mitigation_known_at = entry.at
            case Resolved(how=how, by=by, unverified_because=why, flap=flap):
                self.resolved_at, self.resolved_how, self.resolved_by = entry.when, how, by
                self.unverified_because, self.flapped = why, flap
            case Reopened():
                self.resolved_at, self.mitigated_at, self.postmortem_asked = None, None, False
                self.reopened, self.reopened_at = self.reopened + 1, entry.when
            case FactorAdded(text=text, by=by):
                self.factors = (*self.factors, (text, by))
            case _:
                self._afterwards(entry)

    def _afterwards(self, entry: Entry) -> None:
        match entry.fact:
            case PostmortemAsked():
                self.postmortem_asked, self.postmortem_trouble = True, ""
            case PostmortemWritten() as written:
                self.postmortem, self.postmortem_trouble = written, ""
            case PostmortemFailed(why=why, by_hand=by_hand):
                self.postmortem_trouble = f"{why} {by_hand}".strip()
            case PostmortemCommented(pull_request=pull_request):
                self.commented = pull_request
            case FollowUpAdded(follow_up=follow_up):
                self.follow_ups = {**self.follow_ups, follow_up.id: follow_up}
            case FollowUpTicketed(follow_up=id_, ticket=ticket):
                held = replace(self.follow_ups[id_], ticket=ticket)
                self.follow_ups = {**self.follow_ups, id_: held}
            case FollowUpFailed(why=why, by_hand=by_hand):
                self.follow_up_trouble = (*self.follow_up_trouble, f"{why} {by_hand}".strip())

    @property
    def stage(self) -> Stage:
        if self.merged_into and self.resolved_at is None:
            return Stage.MERGED
        if self.resolved_at:
            return Stage.RESOLVED
        if self.mitigated_at:
            return Stage.ANALYSIS
        if self.running or self.between:
            return Stage.MITIGATION
        return Stage.TRIAGE if self.acknowledged else Stage.ALERT

    @property
    def proven(self) -> str:
        """The newest evidence that users are well again, or nothing. Reopening disproves it."""
        verified = [
            (m.ended_at, m.evidence)
            for m in self.mitigations.values()
            if m.stage is MitigationStage.VERIFIED and not m.undoes and not m.plan.then
        ]
        watched = [(w.ended_at, w.evidence) for w in self.watches.values() if w.recovered]
        found = [(at, said) for at, said in [*verified, *watched] if at is not None]
        since = self.reopened_at
        return max(
            ((at, s) for at, s in found if since is None or at > since), default=(None, "")
        )[1]

    def mitigate(self, how: str, *, by: Person | None, at: datetime | None = None) -> None:
        if self.resolved_at:
            raise Refused("It is resolved already.")
        if self.mitigated_at:
            raise Refused(f"Already mitigated at {self.mitigated_at:%H:%M} UTC.")
        self.record(Mitigated(how=how, by=by, happened_at=at))

    def resolve(self, *, by: Person | None, how: str, unverified_because: str = "") -> None:
        """Gated on proof of recovery, or a recorded reason for going without."""
        if self.resolved_at:
            raise Refused(f"Already resolved at {self.resolved_at:%H:%M} UTC.")
        busy = [m for m in self.running if m.stage is not MitigationStage.PROPOSED]
        if busy:
            raise Refused(
                f"“{busy[0].plan.title}” is {busy[0].stage}: wait for its verdict, or settle it"
                " first."
            )
        if not self.proven and not unverified_because.strip():
            raise Refused(
                "Nothing proves yet that users are well again. Say why you resolve anyway, or"
                " say `did <what you did>` and let it be verified."
            )
        for waiting in self.running:
            self.void(waiting.id, "the incident was resolved meanwhile")
        self.record(
            Resolved(
                how=how,
                by=by,
                unverified_because="" if self.proven else unverified_because.strip(),
            )
        )

    def close_flap(self, how: str) -> None:
        """A page that came and went before anybody touched it."""
        if not self.resolved_at:
            self.record(Resolved(how=how, flap=True, unverified_because="nobody acted on it"))

    def reopen(self, why: str, *, by: Person | None) -> None:
        if not self.resolved_at and not self.mitigated_at:
            raise Refused("It is open.")
        self.record(Reopened(why=why, by=by))

    def add_factor(self, text: str, *, by: Person) -> None:
        if not text.strip():
            raise Refused("Say the contributing factor in one line: a condition, not a person.")
        self.record(FactorAdded(text=text.strip(), by=by))

    def ask_for_postmortem(self, *, by: Person | None) -> None:
        self.record(PostmortemAsked(by=by))

    def follow_up(self, follow_up: FollowUp, *, by: Person) -> None:
        if not follow_up.title.strip():
            raise Refused("Say what is to be done, verb first.")
        if not follow_up.done_when.strip():
            raise Refused("Say how one will see that it is done.")
        self.record(FollowUpAdded(follow_up=follow_up, by=by))

    def untouched(self) -> bool:
        """Nobody has done anything here: a resolve in the pager may close it quietly."""
        return not (
            self.mitigations
            or self.notes
            or self.marks
            or self.roles
            or self.updates
            or self.public
            or self.checklist
            or self.declared_by
            or self.asked_to_acknowledge
            or self.severity_by
            or self.service_by
            or self.started_by
            or self.verdicts
            or self.factors
            or self.mitigated_at
            or any(s.acknowledged_at for s in self.pages.values())
        )

    def summary(self) -> Summary:
        assert self.opened_at is not None
        return Summary(
            id=self.id,
            title=self.title,
            service=self.service,
            environment=self.environment,
            severity=self.severity.value if self.severity else "",
            stage=self.stage,
            opened_at=self.opened_at,
            resolved_at=self.resolved_at,
            channel=self.channel,
            channel_name=self.channel_name or self.wanted_name,
            commander=self.commander.name if self.commander else "",
            visibility=self.visibility.value,
            members=tuple(p.user_id for p in self.people),
            team_id=self.team_id,
            pages=tuple(self.pages),
            started_at=self.started_at,
            acknowledged_at=self.acknowledged_at,
            mitigated_at=self.mitigated_at,
            flapped=self.flapped,
            left=tuple(
                StillStanding(text=each.text, team=each.team, since=each.since)
                for each in self.standing_leftovers
            ),
            follow_ups=tuple(
                ToDo(title=each.title, owner=each.owner_name, due=each.due, ticket=each.ticket)
                for each in self.follow_ups.values()
            ),
            runbook=self.checklist.path if self.checklist else "",
            no_runbook=self.without_runbook,
            overrides=tuple(overrides(self.mitigations.values())),
        )
