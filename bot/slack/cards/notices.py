"""The few messages besides the card: each one says something that somebody must answer or know."""

from __future__ import annotations

import re

from bot.domain import events as e
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.flow.shown import lasting
from bot.slack.actions import Act, carried
from bot.slack.blocks import Message, actions, clip, escape, press, section
from bot.slack.cards.lasting import keep, named, proposed, put_back
from bot.slack.cards.nagging import nag


def notice(entry: Entry, incident: Incident) -> Message | None:
    """What this fact says in the channel, if anything."""
    for chapter in (_asking, _telling, _left_behind, _ending):
        message = chapter(entry, incident)
        if message is not None:
            return message
    return None


def grade(incident: Incident) -> str:
    where = incident.service or "service unknown"
    return f"{incident.severity.value if incident.severity else 'SEV?'} {where}"


def _asking(entry: Entry, incident: Incident) -> Message | None:
    match entry.fact:
        case e.Nagged() as nagged:
            return nag(nagged, incident, grade=grade(incident))
        case e.ResolveQuestioned(page=page):
            title = incident.pages[page].page.title
            text = f"PagerDuty shows “{escape(title)}” as resolved. Is this incident over?"
            buttons = actions(
                press("Resolve the incident…", Act.RESOLVE_FORM, incident.id, style="primary"),
                press("Keep the incident open", Act.KEEP_OPEN, carried(incident.id, page)),
            )
            return Message(
                text=f"{grade(incident)}: page resolved - is it over?",
                blocks=(section(text), buttons),
            )
        case e.HandoverOffered(role=role, person=person, by=by):
            return _handover(role, person, by, incident)
        case e.RevertOffered(why=why):
            button = press("Open a revert pull request", Act.OPEN_REVERT, incident.id)
            return Message(
                text=f"{grade(incident)}: no rollback possible - open a revert?",
                blocks=(section(f"*No rollback was started.* {escape(why)}"), actions(button)),
            )
        case e.LeftoverBlocked(leftover=leftover, why=why, offer=offer):
            held = incident.leftovers[leftover]
            what = named(incident, held)
            text = f"*Not put back: {escape(what)}.* {escape(_sentence(why))} Nothing was changed."
            blocks = [section(text)]
            if offer:
                value = carried(incident.id, leftover)
                blocks.append(actions(press("Open a revert pull request", Act.OPEN_REVERT, value)))
            return Message(text=f"{grade(incident)}: not put back: {what}", blocks=tuple(blocks))
        case e.LeftoverReminded(leftover=leftover):
            return left_over(incident, leftover)
    return None


def _handover(role: e.Role, person: Person, by: Person, incident: Incident) -> Message:
    tried = [m.plan.title for m in incident.mitigations.values()]
    open_ones = [m.plan.title for m in incident.running]
    lines = [
        f"{person.mention}, {by.mention} hands the role of {role.label.lower()} over to you.",
        f"State: {incident.stage.value}, {grade(incident)}.",
        f"Tried: {escape('; '.join(tried) or 'nothing yet')}.",
        f"Pending: {escape('; '.join(open_ones) or 'nothing')}.",
        f"{by.mention} stays in charge until you accept.",
    ]
    value = carried(incident.id, role.value)
    return Message(
        text=f"{grade(incident)}: take over {role.label.lower()}?",
        blocks=(
            section("\n".join(lines)),
            actions(
                press(
                    f"Accept: I am {role.label.lower()}"[:75],
                    Act.ACCEPT_ROLE,
                    value,
                    style="primary",
                ),
                press("Decline the hand-over", Act.DECLINE_ROLE, value),
            ),
        ),
    )


def left_over(incident: Incident, leftover: str) -> Message:
    held = incident.leftovers[leftover]
    text = (
        f"*Left over*, owned by {held.team or 'nobody'}: {escape(held.text)},"
        f" since {held.since:%Y-%m-%d %H:%M} UTC{proposed(incident, held)}."
    )
    return Message(
        text=f"{grade(incident)}: left over: {held.text}",
        blocks=(
            section(text),
            actions(put_back(incident, held), *keep(incident, held)),
        ),
    )


def _verified(incident: Incident, mitigation: str, evidence: str) -> Message:
    plan = incident.mitigations[mitigation].plan
    title, proof = escape(plan.title), escape(evidence)
    if plan.then:
        following = escape(plan.then[0].title)
        return _plain(incident, f"✅ “{title}”: the first is through, {proof}. Next: {following}")
    return _plain(incident, f"✅ *Recovered* after “{title}”: {proof}")


def _telling(entry: Entry, incident: Incident) -> Message | None:
    match entry.fact:
        case e.PageMerged(into=into, into_incident=other, by_name=by):
            return _merged(incident, into, other, by)
        case e.UpdatePosted(update=update, by=by):
            return _update(entry, incident, update, by)
        case e.PublicUpdatePosted(post=post):
            return _plain(incident, f"Status page shows *{post.status}*: <{post.address}|open it>")
        case e.PublicUpdateFailed(why=why, by_hand=by_hand):
            return _failure(incident, "The status page was not changed", why, by_hand)
        case e.PagerActFailed(doing=doing, why=why, by_hand=by_hand):
            return _failure(incident, f"Not done: {doing}", why, by_hand)
        case e.MitigationVerified(evidence=evidence, mitigation=m):
            return _verified(incident, m, evidence)
        case e.MitigationFailed(why=why, mitigation=m, sent=sent, by_hand=by_hand, worse=worse):
            title = incident.mitigations[m].plan.title
            helped = "did not help, it is worse now" if worse else "did not help"
            word = helped if sent else "was not carried out, nothing was sent"
            return _failure(incident, f"“{title}” {word}", why, by_hand)
        case e.WatchConcluded(recovered=recovered, evidence=evidence):
            mark = "✅ *Recovered*" if recovered else "❌ *Not recovered*"
            return _plain(incident, f"{mark}: {escape(evidence)}")
    return None


def _left_behind(entry: Entry, incident: Incident) -> Message | None:
    match entry.fact:
        case e.RevertOpened(service=service, address=address):
            return _plain(
                incident, f"Revert of {escape(service)}: <{address}|pull request to merge>"
            )
        case e.RevertFailed(why=why, by_hand=by_hand):
            return _failure(incident, "No revert pull request was opened", why, by_hand)
        case e.LeftoverKept() | e.LeftoverKeepFailed():
            return _kept(entry.fact, incident)
        case e.LeftoverCleared(leftover=leftover, shows=shows, again_by=owner) if owner:
            what = escape(named(incident, incident.leftovers[leftover]))
            text = f"⚠️ *No longer in force: {what}.* Now: {escape(shows)}."
            why = f"{escape(owner)} writes it down and was probably applied again."
            return _plain(
                incident, f"{text} {why} Tocsin does not fight it: agree with its owner."
            )
        case e.LeftoverCleared(shows=shows):
            return _cleared(incident, entry.fact.leftover, shows, kept=entry.fact.kept)
    return None


def _kept(fact: e.LeftoverKept | e.LeftoverKeepFailed, incident: Incident) -> Message:
    """A draft to be merged, an issue to be done by hand, or why there is neither."""
    left = incident.leftovers[fact.leftover]
    what, plan = named(incident, left), incident.mitigation(left.mitigation).plan
    if isinstance(fact, e.LeftoverKeepFailed):
        return _failure(
            incident, f"Not proposed to {plan.owned_by}: {what}", fact.why, fact.by_hand
        )
    owner = escape(plan.owned_by)
    if fact.why:
        text = (
            f"📝 *For {owner}, by hand:* <{fact.address}|an issue says what to change>, since"
            f" {escape(fact.why)}. Close it when that is done."
        )
        return _plain(incident, text)
    text = f"📝 *Draft for {owner}:* <{fact.address}|pull request>. Merge it to keep"
    return _plain(
        incident,
        f"{text} {escape(plan.target_label)}; close it to let Terraform put"
        f" {escape(plan.live_label)} back.",
    )


def _cleared(incident: Incident, leftover: str, shows: str, *, kept: bool) -> Message:
    left = incident.leftovers[leftover]
    word = "Kept" if kept else "Cleared"
    text = f"{word}: {escape(named(incident, left))} ({escape(shows)})"
    if left.kept and not kept:
        text += f". What was <{left.kept}|proposed to keep it> is not wanted any more: close it."
    return _plain(incident, text)


def _merged(incident: Incident, into: str, other: str, by: str) -> Message:
    whom = f" by {escape(by)}" if by else ""
    where = f", which is incident `{other}`" if other else ""
    return _plain(
        incident,
        f"This page was merged into {escape(into)}{whom}{where}. Go on there; nothing was resolved.",
    )


def _update(entry: Entry, incident: Incident, update: object, by: Person) -> Message:
    fact = entry.fact
    assert isinstance(fact, e.UpdatePosted)
    said = fact.update
    lines = [f"*Update* by {by.mention}", f"*Impact:* {escape(said.impact)}"]
    for name, value in (
        ("Since the last update", said.changed),
        ("Doing now", said.doing),
        ("Risk", said.risk),
    ):
        if value:
            lines.append(f"*{name}:* {escape(value)}")
    if said.next_at:
        lines.append(f"*Next update:* {said.next_at:%H:%M} UTC")
    return Message(
        text=f"{grade(incident)} update: {said.impact}", blocks=(section("\n".join(lines)),)
    )


def _ending(entry: Entry, incident: Incident) -> Message | None:
    match entry.fact:
        case e.Resolved() as resolved:
            return _resolved(incident, resolved)
        case e.Reopened(why=why, by=by):
            who = by.mention if by else "PagerDuty"
            return _plain(incident, f"↩️ *Reopened* by {who}: {escape(why)}")
        case e.PagerClearing(left=left) if left:
            lines = "\n".join(f"• {escape(line)}" for line in left[:5])
            return _plain(incident, f"Left open in PagerDuty:\n{lines}")
        case e.PostmortemWritten(pull_request=address, path=path, remarks=remarks):
            where = f"<{address}|pull request>" if address else f"`{path}`"
            wording = f", {remarks} remarks on its wording" if remarks else ""
            return _plain(incident, f"📝 Postmortem draft: {where}{wording}")
        case e.PostmortemFailed(why=why, by_hand=by_hand):
            return _failure(incident, "No postmortem draft was committed", why, by_hand)
        case e.FollowUpTicketed(follow_up=f, ticket=ticket):
            held = incident.follow_ups[f]
            return _plain(
                incident,
                f"🎫 <{ticket}|{escape(held.title)}> for {escape(held.owner_name)}, due {held.due}",
            )
        case e.FollowUpFailed(why=why, by_hand=by_hand):
            return _failure(incident, "No ticket was created", why, by_hand)
    return None


def _resolved(incident: Incident, resolved: e.Resolved) -> Message:
    if resolved.flap:
        return _plain(incident, "The page resolved itself before anybody touched it: closed.")
    who = resolved.by.mention if resolved.by else "PagerDuty"
    lines = [f"✅ *Resolved* by {who}: {escape(resolved.how)}"]
    if incident.impact_start and incident.resolved_at:
        lines.append(f"Lasted {lasting(incident.resolved_at - incident.impact_start)}.")
    if resolved.unverified_because:
        lines.append(f"⚠️ Not verified: {escape(resolved.unverified_because)}")
    for left in incident.standing_leftovers:
        lines.append(f"*Left over* for {left.team or 'nobody'}: {escape(named(incident, left))}")
    buttons = []
    standing = incident.standing_leftovers
    if standing:
        buttons += [put_back(incident, standing[0]), *keep(incident, standing[0])]
    if incident.public_suggested:
        buttons.append(press("Close the status page…", Act.STATUSPAGE_FORM, incident.id))
    if incident.postmortem is None:
        buttons.append(press("Write the postmortem", Act.POSTMORTEM, incident.id))
    return Message(
        text=f"{grade(incident)}: resolved. {resolved.how}",
        blocks=(section("\n".join(lines)), *([actions(*buttons)] if buttons else [])),
    )


def _plain(incident: Incident, text: str) -> Message:
    return Message(text=f"{grade(incident)}: {_bare(text)}", blocks=(section(text),))


def _failure(incident: Incident, what: str, why: str, by_hand: str) -> Message:
    hand = f"\n*By hand:* {escape(by_hand)}" if by_hand else ""
    text = f"⚠️ *{escape(clip(what, 200))}.* {escape(clip(why, 500))}{hand}"
    return Message(text=f"{grade(incident)}: {clip(what, 90)}", blocks=(section(text),))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _bare(text: str) -> str:
    """Without Slack's link and mention markup: `<address|label>` is its label."""
    return re.sub(r"<([^|>]*\|)?([^>]*)>", r"\2", text)
