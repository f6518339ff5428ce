"""What a message still asks: an answered part loses its buttons, and the message says who answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.domain.update import PublicStatus
from bot.flow.telling import tell
from bot.slack.actions import Act, brought
from bot.slack.blocks import Block, Message, context, escape
from bot.slack.cards.beginning import which_service
from bot.slack.cards.mitigation import second_person
from bot.slack.cards.notices import notice

ANSWERING: tuple[type[Fact], ...] = (
    e.PageAcknowledged,
    e.PageUnacknowledged,
    e.PageReopened,
    e.PageResolved,
    e.KeptOpen,
    e.ServiceNamed,
    e.RoleGiven,
    e.HandoverOffered,
    e.HandoverDeclined,
    e.UpdatePosted,
    e.UpdateSnoozed,
    e.PublicUpdateAsked,
    e.PublicUpdateFailed,
    e.MitigationProposed,
    e.MitigationUndone,
    e.MitigationDeclined,
    e.MitigationExpired,
    e.MitigationVoided,
    e.MitigationFailed,
    e.RevertAsked,
    e.RevertOpened,
    e.RevertFailed,
    e.LeftoverClearAsked,
    e.LeftoverCleared,
    e.LeftoverBlocked,
    e.LeftoverKeepAsked,
    e.LeftoverKept,
    e.LeftoverKeepFailed,
    e.PostmortemAsked,
    e.PostmortemFailed,
    e.Resolved,
    e.Reopened,
)
"""Every fact that can answer a part of a message, or ask it anew."""

Says = Callable[[Fact], bool]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some buttons of a message, and what answers them; `anew` asks again after an answer."""

    acts: frozenset[Act]
    answers: Says
    anew: Says = lambda _fact: False
    value: str = ""

    def touched(self, said: Fact) -> bool:
        return self.answers(said) or self.anew(said)

    def holds(self, button: Block) -> bool:
        act = str(button.get("action_id", "")).split(":", 1)[0]
        value = brought(str(button.get("value", "")))[1]
        return act in self.acts and self.value in {"", value}

    def answer(self, later: Iterable[Entry]) -> Entry | None:
        """The first answer since it was last asked."""
        found: Entry | None = None
        for entry in later:
            if self.anew(entry.fact):
                found = None
            elif found is None and self.answers(entry.fact):
                found = entry
        return found


def key(asked: Entry) -> str:
    """Under which name the message of this fact was posted."""
    if isinstance(asked.fact, e.Declared):
        return "which-service"
    return f"{asked.fact.stored}:{asked.seq}"


def as_it_stands(asked: Entry, later: Sequence[Entry], incident: Incident) -> Message | None:
    """The message of this fact with what was answered since; None where it has none."""
    posed = _posed(asked, incident)
    if posed is None:
        return None
    gone: list[Part] = []
    said: dict[str, None] = {}
    for part in parts(asked.fact, incident):
        if (answer := part.answer(later)) is not None:
            gone.append(part)
            said[f"✅ {escape(_words(answer, incident))} ({answer.when:%H:%M} UTC)"] = None
    blocks = [kept for block in posed.blocks if (kept := _without(block, gone)) is not None]
    if said:
        blocks.append(context(*said))
    return Message(text=posed.text, blocks=tuple(blocks))


def _posed(asked: Entry, incident: Incident) -> Message | None:
    match asked.fact:
        case e.Declared(service="", nearest=nearest) if nearest:
            return which_service(incident)
        case e.Declared():
            return None
        case e.MitigationApproved() | e.ApproverAsked():
            return second_person(asked, incident)
    return notice(asked, incident)


def _without(block: Block, gone: Sequence[Part]) -> Block | None:
    if block["type"] != "actions":
        return block
    left = [one for one in block["elements"] if not any(part.holds(one) for part in gone)]
    return {**block, "elements": left} if left else None


def parts(asked: Fact, incident: Incident) -> tuple[Part, ...]:
    """What this fact's message asks."""
    match asked:
        case e.Declared():
            return (_part(Act.NAME_SERVICE, answers=lambda f: isinstance(f, e.ServiceNamed)),)
        case e.Nagged(about=about, also=also):
            return tuple(_reminded(each.split(" ", 1)[0]) for each in (about, *also))
        case e.ResolveQuestioned(page=page):
            return (_whether_over(page, incident),)
        case e.HandoverOffered(role=role):
            return (_handover(role),)
        case e.MitigationApproved(mitigation=mitigation):
            return (_undo(mitigation, incident),)
        case e.RevertOffered(service=service):
            return (_revert(service),)
        case e.LeftoverBlocked(leftover=leftover):
            held = incident.mitigations.get(incident.leftovers[leftover].mitigation)
            return (_revert(held.plan.service if held else "", leftover),)
        case e.LeftoverReminded(leftover=leftover):
            return (_left_over(leftover), _keep(leftover))
        case e.Resolved():
            left = incident.leftovers
            return (*map(_left_over, left), *map(_keep, left), *_ended())
    return ()


def _part(*acts: Act, answers: Says, anew: Says = lambda _fact: False, value: str = "") -> Part:
    return Part(acts=frozenset(acts), answers=answers, anew=anew, value=value)


def _reminded(about: str) -> Part:
    match about:
        case "acknowledge":
            return _part(
                Act.ACKNOWLEDGE,
                answers=lambda f: isinstance(f, e.PageAcknowledged | e.Resolved),
                anew=lambda f: isinstance(f, e.PageUnacknowledged),
            )
        case "commander":
            return _part(
                Act.TAKE_ROLE,
                answers=lambda f: isinstance(f, e.Resolved) or _given(f, e.Role.COMMANDER),
            )
        case "public":
            return _part(
                Act.STATUSPAGE_FORM,
                answers=lambda f: isinstance(f, e.PublicUpdateAsked | e.Resolved),
                anew=lambda f: isinstance(f, e.PublicUpdateFailed),
            )
    told = e.UpdatePosted | e.UpdateSnoozed | e.Resolved
    return _part(Act.UPDATE_FORM, Act.SNOOZE_UPDATE, answers=lambda f: isinstance(f, told))


def _given(said: Fact, role: e.Role) -> bool:
    return isinstance(said, e.RoleGiven) and said.role is role


def _whether_over(page: str, incident: Incident) -> Part:
    """Asked again by the same message when the page ends once more, unless it is decided."""
    held = incident.pages.get(page)
    over = not incident.stage.open or (held is not None and held.kept_open_by is not None)

    def anew(said: Fact) -> bool:
        return isinstance(said, e.PageResolved) and said.page == page and not over

    def answers(said: Fact) -> bool:
        match said:
            case e.Resolved():
                return True
            case e.KeptOpen(page=of) | e.PageReopened(page=of):
                return of == page
        return False

    return _part(Act.RESOLVE_FORM, Act.KEEP_OPEN, answers=answers, anew=anew)


def _handover(role: e.Role) -> Part:
    def answers(said: Fact) -> bool:
        match said:
            case e.Resolved():
                return True
            case e.RoleGiven(role=of) | e.HandoverDeclined(role=of) | e.HandoverOffered(role=of):
                return of is role
        return False

    return _part(Act.ACCEPT_ROLE, Act.DECLINE_ROLE, answers=answers)


def _undo(mitigation: str, incident: Incident) -> Part:
    """Pressing it proposes the way back; if that comes to nothing, it may be pressed again."""

    def way_back(of: str) -> bool:
        held = incident.mitigations.get(of)
        return held is not None and held.undoes == mitigation

    def answers(said: Fact) -> bool:
        match said:
            case e.MitigationProposed(undoes=of) | e.MitigationUndone(mitigation=of):
                return of == mitigation
            case e.MitigationVoided(mitigation=of) | e.MitigationFailed(mitigation=of, sent=False):
                return of == mitigation
        return False

    def anew(said: Fact) -> bool:
        match said:
            case (
                e.MitigationDeclined(mitigation=of)
                | e.MitigationExpired(mitigation=of)
                | e.MitigationVoided(mitigation=of)
                | e.MitigationFailed(mitigation=of)
            ):
                return way_back(of)
        return False

    return _part(Act.UNDO, answers=answers, anew=anew)


def _revert(service: str, leftover: str = "") -> Part:
    def answers(said: Fact) -> bool:
        match said:
            case e.RevertAsked(service=of) | e.RevertOpened(service=of):
                return of == service
            case e.LeftoverCleared(leftover=of) | e.LeftoverBlocked(leftover=of):
                return bool(leftover) and of == leftover
        return False

    return _part(
        Act.OPEN_REVERT,
        answers=answers,
        anew=lambda f: isinstance(f, e.RevertFailed) and f.service == service,
    )


def _left_over(leftover: str) -> Part:
    def answers(said: Fact) -> bool:
        match said:
            case e.LeftoverClearAsked(leftover=of) | e.LeftoverCleared(leftover=of):
                return of == leftover
        return False

    return _part(
        Act.CLEAR_LEFTOVER,
        value=leftover,
        answers=answers,
        anew=lambda f: isinstance(f, e.LeftoverBlocked) and f.leftover == leftover,
    )


def _keep(leftover: str) -> Part:
    def answers(said: Fact) -> bool:
        match said:
            case (
                e.LeftoverKeepAsked(leftover=of)
                | e.LeftoverKept(leftover=of)
                | e.LeftoverCleared(leftover=of)
            ):
                return of == leftover
        return False

    return _part(
        Act.KEEP_LEFTOVER,
        value=leftover,
        answers=answers,
        anew=lambda f: isinstance(f, e.LeftoverKeepFailed) and f.leftover == leftover,
    )


def _ended() -> tuple[Part, ...]:
    """Below “resolved”: closing the status page, and the postmortem. Reopening ends both."""

    def closed(said: Fact) -> bool:
        match said:
            case e.PublicUpdateAsked(update=update):
                return update.status is PublicStatus.RESOLVED
            case e.Reopened():
                return True
        return False

    return (
        _part(
            Act.STATUSPAGE_FORM,
            answers=closed,
            anew=lambda f: isinstance(f, e.PublicUpdateFailed),
        ),
        _part(
            Act.POSTMORTEM,
            answers=lambda f: isinstance(f, e.PostmortemAsked | e.Reopened),
            anew=lambda f: isinstance(f, e.PostmortemFailed),
        ),
    )


def _words(answer: Entry, incident: Incident) -> str:
    """Who pressed what; the timeline is silent on what was only asked for."""
    match answer.fact:
        case e.RevertAsked(by=by):
            return f"{by.name} asked for the revert pull request"
        case e.LeftoverKeepAsked(by=by):
            return f"{by.name} asked to keep it in Terraform"
        case e.LeftoverClearAsked(by=by):
            return f"{by.name} asked to put it back"
        case e.PostmortemAsked(by=by):
            return f"{by.name} asked for the postmortem" if by else "The postmortem is written"
    told = tell(answer, incident)
    return told.text if told else "Done"
