"""The card of one proposed change: everything an approver needs, on one screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.domain import events as e
from bot.domain.facts import Entry
from bot.domain.incident import Incident, MitigationState
from bot.domain.mitigation import Difference, Migrations, MitigationStage, Plan, Risk
from bot.domain.people import Person
from bot.domain.recovery import missing
from bot.flow.shown import percent
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    clip,
    clock,
    context,
    escape,
    header,
    press,
    section,
)
from bot.slack.cards.budgets import budget_left

S = MitigationStage
_SHOWN = 8
_NAMED = 3
_ENDINGS = (" ships with it", " stands on it")
_PHRASES = (("goes with it", "go with it"), ("stands on it", "stand on it"))
_COUNTED = re.compile(r"and (\d+) more stand on it")
_WORDS = {
    S.PROPOSED: "🟡 Waiting for approval",
    S.APPROVED: "🟢 Approved, starting",
    S.PREPARING: "🛠 Preparing",
    S.STARTED: "🛠 Sent, waiting for an answer",
    S.UNDERWAY: "🛠 Under way",
    S.VERIFYING: "🔎 Verifying",
    S.VERIFIED: "✅ Recovered",
    S.FAILED: "❌ Not recovered",
    S.STUCK: "⚠️ Stuck: nobody knows whether it went through",
    S.UNDONE: "↩️ Undone",
    S.DECLINED: "⛔️ Declined",
    S.EXPIRED: "⌛️ Expired without approval",
    S.VOIDED: "⛔️ Void: the world moved",
}


def card(
    incident: Incident, held: MitigationState, *, could_approve: Sequence[Person] = ()
) -> Message:
    """Posted once per proposal and edited as it goes on."""
    grade = incident.severity.value if incident.severity else "SEV?"
    return Message(
        text=f"{grade} {held.plan.service}: {held.plan.title} - {_ask(held)}",
        blocks=tuple(_blocks(incident, held, could_approve)),
    )


def _ask(held: MitigationState) -> str:
    if held.stage is S.PROPOSED:
        return "approve?"
    return held.evidence or held.why or str(held.stage)


def _blocks(
    incident: Incident, held: MitigationState, could_approve: Sequence[Person]
) -> Iterable[Block]:
    plan = held.plan
    yield header(plan.title)
    yield section("\n".join(_state(held)))
    if held.stage in {S.PROPOSED, S.APPROVED, S.PREPARING, S.STUCK}:
        yield section("\n".join(_change(plan)))
        yield section("\n".join([*_risk(plan), *budget_left(incident)]))
        if plan.steps:
            steps = "\n".join(f"{n}. {escape(s)}" for n, s in enumerate(plan.steps, 1))
            yield section(f"*What Tocsin will do*\n{steps}")
    if buttons := _buttons(incident, held):
        yield actions(*buttons, block=f"mitigation|{incident.id}|{held.id}")
    yield context(*_small_print(incident, held, could_approve))


def _sides(change: Difference) -> str:
    """Slack shows no empty code: a side that is not there is said in a word."""
    before, after = (escape(clip(side, 90)) for side in (change.before, change.after))
    if not before:
        return f"`{after}` (new)"
    return f"`{before}` → `{after}`" if after else f"`{before}` (gone)"


def _state(held: MitigationState) -> Iterable[str]:
    word = _WORDS[held.stage]
    if held.stage is S.FAILED and not held.sent:
        word = "❌ Not carried out: nothing was sent to production"
    elif held.worse:
        word = "❌ Not recovered, worse than before"
    if held.stage is S.VERIFIED and held.plan.then:
        word = "✅ Through: the next follows"
    yield f"*{word}*"
    match held.stage:
        case S.VERIFIED:
            yield escape(held.evidence)
        case S.VOIDED | S.EXPIRED:
            yield escape(f"{held.why} Nothing was changed. Propose it again to go on.".strip())
        case S.FAILED | S.DECLINED:
            yield escape(f"{held.why} {held.by_hand}".strip())
        case S.STUCK:
            yield escape(f"{held.plan.system} shows now: {held.shows}")
        case S.PROPOSED:
            pass
        case _ if held.progress:
            yield escape(held.progress)
    if held.plan.then and held.stage in {S.FAILED, S.VOIDED, S.STUCK, S.UNDONE}:
        yield f"*Not begun*: {escape('; '.join(each.title for each in held.plan.then))}"
    if held.receipt and held.stage in {S.UNDERWAY, S.VERIFIED, S.FAILED}:
        found = " (found after an interruption)" if held.adopted else ""
        yield f"{escape(held.receipt.summary)}{found}"


def _change(plan: Plan) -> Iterable[str]:
    yield f"*{escape(plan.service)} in {escape(plan.environment)}*: {escape(plan.live_label)} → *{escape(plan.target_label)}*"
    moved = [d for d in plan.differences if (d.before, d.after) != _labels(plan)]
    for change in moved[:_SHOWN]:
        yield f"• {escape(change.what)}: {_sides(change)}"
    if len(moved) > _SHOWN:
        yield f"…and {len(moved) - _SHOWN} more changes"
    for lowered in plan.lowers:
        yield f"⬇️ *Lowers* {escape(lowered)}"
    if plan.interrupts:
        yield f"⏹ *Interrupts* {escape(plan.interrupts)}"
    for line in plan.stands:
        yield escape(clip(line[0].upper() + line[1:], 300))
    if plan.room:
        yield f"Surge: {escape(clip(plan.room, 300))}"
    if plan.missing:
        yield f"🚫 *{escape(plan.images)}*"
    elif plan.images:
        yield f"Images: {escape(plan.images)}"


def _reach(lines: Sequence[str]) -> Iterable[str]:
    """Those that share their ending share one phrase, the nearest by name."""
    rest = [line for line in lines if not _COUNTED.fullmatch(line)]
    counted = sum(int(found[1]) for line in lines if (found := _COUNTED.fullmatch(line)))
    for ending, phrase, unnamed in zip(_ENDINGS, _PHRASES, (0, counted), strict=True):
        same = [line.removesuffix(ending) for line in rest if line.endswith(ending)]
        rest = [line for line in rest if not line.endswith(ending)]
        if same:
            others = len(same) + unnamed - _NAMED
            more = f" and {others} more" if others > 0 else ""
            said = phrase[len(same) + unnamed > 1]
            yield f"{', '.join(_one(name) for name in same[:_NAMED])}{more} {said}"
    yield from rest


def _one(name: str) -> str:
    """Its own comma would make it two."""
    return name.replace(", ", " ")


def _labels(plan: Plan) -> tuple[str, str]:
    """Said in the first line already."""
    return plan.live_label, plan.target_label


def _risk(plan: Plan) -> Iterable[str]:
    word = "🟢 Low risk" if plan.risk is Risk.LOW else "🔴 High risk"
    yield f"*{word}*: {escape('; '.join(plan.risk_reasons)) or 'no reason given'}"
    match plan.migrations:
        case Migrations.NONE:
            yield "Migrations between: none found"
        case Migrations.FOUND:
            names = ", ".join(plan.migration_notes[:5])
            yield f"⚠️ Migrations between: {len(plan.migration_notes)} found ({escape(names)}); a rollback leaves the schema as it is"
        case Migrations.IRRELEVANT:
            pass
        case Migrations.UNKNOWN:
            why = f": {escape(plan.migration_notes[0])}" if plan.migration_notes else ""
            yield f"Migrations between: could not look{why}"
    if plan.baseline and plan.baseline.error_ratio is not None:
        yield f"Error rate before: {percent(plan.baseline.error_ratio)} ({plan.baseline.requests} requests)"
        if missing(plan.baseline, plan.usual):
            yield f"Requests before: {plan.baseline.per_minute:.0f} a minute, usually {plan.usual:.0f}"
    elif plan.baseline and plan.baseline.blind:
        yield f"Error rate before: {escape(plan.baseline.blind)}"
    if plan.blast_radius:
        yield f"Blast radius: {escape('; '.join(_reach(plan.blast_radius)))}"
    for caution in plan.cautions:
        yield f"⚠️ {escape(caution)}"
    if plan.owned_by:
        yield f"🏗 Written down in {escape(plan.owned_by)}: Terraform puts it back at its next run"
    for left in plan.leftovers:
        yield f"Stays behind: {escape(left)}"
    yield "Can be undone" if plan.undoable else "*Cannot be undone*"


def _buttons(incident: Incident, held: MitigationState) -> list[Block]:
    value = carried(incident.id, f"{held.id} {held.plan.digest[:16]}")
    only = carried(incident.id, held.id)
    way_back = _way_back(incident, held)
    match held.stage:
        case S.PROPOSED:
            agree = press(
                held.plan.title,
                Act.APPROVE,
                value,
                style="primary",
                sure=f"{held.plan.live_label} → {held.plan.target_label} in {held.plan.environment}. Approve and carry it out?",
            )
            no = press(f"Decline: keep {held.plan.live_label}", Act.DECLINE_FORM, only)
            if held.quorum.wants_another:
                return [agree, no, press("Nobody answers…", Act.BREAK_GLASS_FORM, only)]
            return [agree, no]
        case S.STUCK:
            undo = press(f"Undo: back to {held.plan.live_label}", Act.UNDO, only)
            return [
                press("It worked: verify now", Act.STUCK_VERIFY, only),
                *([undo] if way_back is None else []),
                press("Leave it to me", Act.STUCK_LEAVE, only),
            ]
        case S.VOIDED | S.EXPIRED if held.plan.mitigation == "rollback" and incident.stage.open:
            name = held.plan.service
            form = f"{Act.ROLLBACK_FORM}:{name}"
            return [press(f"Roll back {name}…", form, carried(incident.id, name))]
        case S.VERIFIED | S.FAILED if held.sent and held.plan.undoable and way_back is None:
            return [press(f"Undo: back to {held.plan.live_label}", Act.UNDO, only)]
    return []


def _way_back(incident: Incident, held: MitigationState) -> MitigationState | None:
    """The undoing that was asked for and has not come to nothing: asked once is enough."""
    nothing = {S.DECLINED, S.EXPIRED, S.VOIDED, S.FAILED}
    found = [m for m in incident.mitigations.values() if m.undoes == held.id]
    return next((m for m in found if m.stage not in nothing), None)


def _small_print(
    incident: Incident, held: MitigationState, could_approve: Sequence[Person]
) -> list[str]:
    said = [f"Proposed by {held.proposed_by.mention}"]
    if held.approved_by and held.follows:
        said.append(f"approved by {held.approved_by.mention} with the first of the row")
    elif held.approved_by:
        how = "broke glass" if held.broke_glass else "approved"
        said.append(f"{how} by {held.approved_by.mention}")
    if held.broke_glass:
        said.append(f"🔨 Reason: {escape(held.broke_glass)}")
    if held.declined_by:
        said.append(f"Declined by {held.declined_by.mention}")
    if (undoing := _way_back(incident, held)) is not None:
        said.append(f"Undoing it was proposed by {undoing.proposed_by.mention}")
    if held.stage is S.PROPOSED:
        who = ", ".join(p.mention for p in could_approve[:5]) or "nobody here yet"
        said.append(f"Rule: {escape(held.quorum.rule)}")
        said.append(f"Could approve: {who}")
        said.append(f"Expires {clock(held.expires_at)}")
    if held.asked:
        said.append(f"Asked: {', '.join(p.mention for p in held.asked)}")
    return said


def second_person(entry: Entry, incident: Incident) -> Message | None:
    """Approved alone: a second person is told. Asked: they are told where to look."""
    match entry.fact:
        case e.ApproverAsked(person=person, by=by, paged=paged, mitigation=m) if person:
            held = incident.mitigations[m]
            how = " (paged too)" if paged else ""
            text = f"{person.mention}{how}: {by.mention} asks you to look at “{escape(held.plan.title)}” above."
            return Message(text=f"{held.plan.title}: approve?", blocks=(section(text),))
        case e.MitigationApproved(mitigation=m, by=by) as approved:
            held = incident.mitigations[m]
            if held.follows or not by.same(held.proposed_by):
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
