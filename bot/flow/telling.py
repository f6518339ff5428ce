"""Each fact in one plain line: the same words in the channel's timeline and in the postmortem."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.facts import Entry, Fact, Redacted, Withheld
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.flow.shown import percent


@dataclass(frozen=True)
class Told:
    text: str
    link: str = ""


def tell(entry: Entry, incident: Incident) -> Told | None:
    """None for what nobody needs to read again (bookkeeping, counters)."""
    fact = entry.fact
    chapters = (
        _alert,
        _guesses,
        _staff,
        _triage,
        _mitigation,
        _outcome,
        _aftercare,
        _comms,
        _end,
    )
    for chapter in chapters:
        told = chapter(fact, incident)
        if told is not None:
            return told
    match fact:
        case Withheld(name=name):
            return Told(f"[redacted: {name}]")
        case Redacted(seq=seq, by=by, why=why):
            return Told(f"Entry {seq} was redacted by {by}: {why}")
    return None


def _who(person: Person | None, name: str = "") -> str:
    return person.name if person else (name or "Somebody")


def _alert(fact: Fact, _incident: Incident) -> Told | None:
    match fact:
        case e.Declared(title=title, by=by):
            return Told(f"{by.name} declared: {title}" if by else f"Opened by a page: {title}")
        case e.Paged(page=page, joined=joined):
            word = "Another page joined" if joined else "PagerDuty paged"
            return Told(f"{word}: {page.title}", page.address)
        case e.AlertsRead(alerts=alerts) if alerts:
            a = alerts[0]
            seen = f"{a.condition}: {a.value} (limit {a.threshold})" if a.condition else a.summary
            return Told(f"Alert: {seen}", a.links[0] if a.links else "")
        case e.AlertsUnread(why=why):
            return Told(f"The alerts could not be read from PagerDuty: {why}")
        case e.PageAcknowledged() as done:
            return Told(f"{_who(done.by, done.by_name)} acknowledged the page")
        case e.PageUnacknowledged():
            return Told("The acknowledgement ran out: PagerDuty pages again")
        case e.PageEscalated(names=names):
            return Told(f"PagerDuty pages {', '.join(names) or 'somebody else'} now")
        case e.PageReprioritised(priority=priority, by_name=by):
            return Told(f"{by or 'Somebody'} set the page's priority to {priority}")
        case e.PageResolved() as done:
            return Told(f"{_who(done.by, done.by_name)} resolved the page in PagerDuty")
        case e.PageMerged(into=into):
            return Told(f"The page was merged into {into}")
        case e.PageReopened():
            return Told("The page was reopened in PagerDuty")
        case e.PageAnnotated(text=text, by_name=by):
            return Told(f"{by or 'Somebody'} noted in PagerDuty: {text}")
        case e.PagerActFailed(doing=doing, why=why):
            return Told(f"Not done: {doing}. {why}")
        case e.KeptOpen(by=by):
            return Told(f"{by.name} keeps it open although PagerDuty shows the page as resolved")
    return None


def _guesses(fact: Fact, _incident: Incident) -> Told | None:
    match fact:
        case e.ServiceNamed(service=service, environment=environment, by=by):
            return Told(f"{by.name} named the service: {service} in {environment}")
        case e.Retitled(title=title, by=by):
            return Told(f"{by.name} renamed it: {title}")
        case e.StartEstimated(start=start, by=by) if by:
            return Told(f"{by.name} says that users are hit since {start:%H:%M} UTC")
        case e.StartEstimated(start=start, how=how):
            return Told(f"Users hit since {start:%H:%M} UTC (estimate: {how})")
    return None


def _staff(fact: Fact, _incident: Incident) -> Told | None:
    match fact:
        case e.SeverityProposed(severity=severity, reason=reason):
            return Told(f"{severity} proposed: {reason}")
        case e.SeveritySet(severity=severity, by=by, reason=reason):
            return Told(f"{by.name} set {severity}{f': {reason}' if reason else ''}")
        case e.RoleGiven(role=role, person=person):
            return Told(f"{person.name} is {role.label.lower()}")
        case e.HandoverOffered(role=role, person=person, by=by):
            return Told(f"{by.name} offered {role.label.lower()} to {person.name}")
        case e.HandoverDeclined(role=role, person=person):
            return Told(f"{person.name} declined {role.label.lower()}")
        case e.Noted(kind=kind, text=text, by=by, link=link):
            word = {"action": "did", "decision": "decided"}.get(kind.value, "noted")
            return Told(f"{by.name} {word}: {text}", link)
        case e.MessageMarked(ts=ts, author=author, link=link) as marked:
            held = _incident.marks.get(ts)
            if held is None:
                return None
            files = f" (files: {', '.join(marked.files)})" if marked.files else ""
            gone = " (deleted since)" if held.deleted else ""
            return Told(f"{author.name}: {held.text}{files}{gone}", link)
        case e.Nagged(about=about, person=person, also=also):
            asked = person.name if person else "everybody here"
            of = " and ".join(_reminder(each) for each in (about, *also))
            return Told(f"Reminded {asked} {of}")
        case e.ChannelOpened(name=name):
            return Told(f"Channel #{name} opened")
        case e.ChannelUnavailable(why=why):
            return Told(f"Slack refused a channel: {why}")
        case e.WorkParked(work=work, why=why):
            return Told(f"Set aside: {work.replace('-', ' ')} ({why})")
        case e.SlackActFailed(doing=doing, why=why):
            return Told(f"Not done in Slack: {doing}. {why}")
    return None


def _reminder(about: str) -> str:
    word, _, when = about.partition(" ")
    match word:
        case "acknowledge":
            return "that nobody has acknowledged the page"
        case "commander":
            return "that nobody commands"
        case "public":
            return "that customers have not been told"
    return f"of the update due at {when[-5:]} UTC" if when else "of the next update"


def _triage(fact: Fact, _incident: Incident) -> Told | None:
    match fact:
        case e.Finding(question=question, text=text, link=link) if question.value != "service":
            return Told(text, link)
        case e.NotChecked(source=source, why=why) if source != "catalog":
            return Told(f"Not checked: {source} ({why})")
        case e.RunbookTaken(title=title, by=by, path=path):
            return Told(f"{by.name} opened the runbook “{title}” ({path})")
        case e.StepMarked(number=number, state=state, by=by):
            return Told(f"Runbook step {number} {state.value} ({by.name})")
        case e.StepMissing(text=text, by=by):
            return Told(f"{by.name} on the runbook: missing: {text}")
        case e.SuspectJudged(change=change, verdict=verdict, by=by, why=why):
            said = next((s.change for s in _incident.suspects if s.change.id == change), None)
            name = f"{said.service} {said.after}" if said else change
            return Told(f"{by.name}: suspect {name} {verdict.value}{f', {why}' if why else ''}")
    return None


def _mitigation(fact: Fact, incident: Incident) -> Told | None:
    match fact:
        case e.MitigationProposed(follows=before) if before:
            # Its approval, or why it is void, says all of it.
            return None
        case e.MitigationProposed(plan=plan, by=by):
            return Told(f"{by.name} proposed: {plan.title} ({plan.risk.value} risk)")
        case e.MitigationApproved(by=by, broke_glass=reason, mitigation=m):
            title = _title(incident, m)
            if reason:
                return Told(f"{by.name} broke glass for “{title}”: {reason}")
            if incident.mitigations[m].follows:
                return Told(f"The next of the row begins: {title} (approved by {by.name} before)")
            return Told(f"{by.name} approved: {title}")
        case e.MitigationDeclined(by=by, why=why, mitigation=m):
            return Told(f"{by.name} declined “{_title(incident, m)}”{f': {why}' if why else ''}")
        case e.MitigationExpired(mitigation=m):
            return Told(f"Nobody approved “{_title(incident, m)}” in time: it expired")
        case e.MitigationVoided(mitigation=m, why=why):
            return Told(f"“{_title(incident, m)}” is void: {why}")
        case e.ApproverAsked(person=person, by=by, paged=paged):
            how = "paged" if paged else "asked"
            return Told(f"{by.name} {how} {person.name if person else 'a second person'}")
        case e.ApproverPaged(person=person):
            return Told(f"PagerDuty pages {person.name if person else 'a second person'} too")
        case e.MitigationStarted(mitigation=m, prepared=prepared):
            before = f" (before it: {'; '.join(prepared)})" if prepared else ""
            return Told(f"Started: {_title(incident, m)}{before}")
    return None


def _outcome(fact: Fact, incident: Incident) -> Told | None:
    match fact:
        case e.MitigationNotSent(mitigation=m, why=why):
            return Told(f"“{_title(incident, m)}” was not sent: {why}")
        case e.MitigationUnderway(receipt=receipt, adopted=adopted):
            found = " (found after an interruption)" if adopted else ""
            return Told(f"Under way: {receipt.summary}{found}")
        case e.MitigationStuck(mitigation=m, shows=shows):
            return Told(f"“{_title(incident, m)}” is stuck; the world shows: {shows}")
        case e.MitigationLeft(mitigation=m, by=by):
            return Told(f"{by.name} took “{_title(incident, m)}” into their own hands")
        case e.MitigationVerified(mitigation=m, evidence=evidence):
            if incident.mitigations[m].plan.then:
                return Told(f"“{_title(incident, m)}”: the first is through, {evidence}")
            return Told(f"Recovered after “{_title(incident, m)}”: {evidence}")
        case e.MitigationFailed(mitigation=m, why=why, sent=sent, worse=worse):
            helped = "did not help, it is worse now" if worse else "did not help"
            word = helped if sent else "was not carried out"
            return Told(f"“{_title(incident, m)}” {word}: {why}")
        case e.MitigationUndone(mitigation=m):
            return Told(f"“{_title(incident, m)}” was undone")
    return None


def _aftercare(fact: Fact, incident: Incident) -> Told | None:
    match fact:
        case e.LeftoverNoted(text=text, team=team):
            return Told(f"Left over for {team or 'nobody in particular'}: {text}")
        case e.LeftoverBlocked(why=why):
            return Told(f"Not put back: {why}")
        case e.LeftoverKept(leftover=leftover, address=address, why=why):
            held = incident.leftovers.get(leftover)
            what = held.text if held else leftover
            sort = "issue to be done by hand" if why else "draft pull request"
            return Told(f"Proposed to be kept in Terraform: {what} ({sort}: {address})")
        case e.LeftoverKeepFailed(why=why):
            return Told(f"Not proposed to be kept in Terraform: {why}")
        case e.LeftoverCleared(leftover=leftover, shows=shows, again_by=owner) if owner:
            held = incident.leftovers.get(leftover)
            what = held.text if held else leftover
            return Told(f"No longer in force: {what}, put back by {owner} ({shows})")
        case e.LeftoverCleared(leftover=leftover, shows=shows, by=by):
            held = incident.leftovers.get(leftover)
            what = held.text if held else leftover
            word = "Kept" if fact.kept else "Cleared"
            return Told(f"{word}{f' by {by.name}' if by else ''}: {what} ({shows})")
        case e.RevertOffered(why=why):
            return Told(f"No rollback: {why}")
        case e.RevertOpened(service=service, address=address):
            return Told(f"Revert pull request for {service}", address)
        case e.RevertFailed(why=why):
            return Told(f"No revert pull request: {why}")
        case e.WatchAsked(text=text, baseline=baseline):
            before = f", error rate {percent(baseline.error_ratio)}" if baseline else ""
            return Told(f"Verifying “{text}”{before}")
        case e.WatchConcluded(evidence=evidence):
            return Told(f"Verified by hand-made fix: {evidence}")
        case e.MitigationsFrozen(by=by, frozen=frozen, why=why):
            return Told(f"{by.name} {'froze' if frozen else 'unfroze'} mitigations {why}".strip())
    return None


def _comms(fact: Fact, incident: Incident) -> Told | None:
    match fact:
        case e.UpdatePosted(update=update, by=by):
            return Told(f"Update by {by.name}: {update.impact}")
        case e.UpdateSnoozed(by=by, until=until):
            return Told(f"{by.name} put the update off until {until:%H:%M} UTC")
        case e.PublicUpdateAsked(update=update, by=by):
            return Told(f"{by.name} posts “{update.status.value}” to the status page")
        case e.PublicUpdatePosted(post=post):
            return Told(f"Status page shows “{post.status}”", post.address)
        case e.PublicUpdateFailed(why=why):
            return Told(f"Not posted to the status page: {why}")
    return None


def _end(fact: Fact, incident: Incident) -> Told | None:
    match fact:
        case e.FactorAdded(text=text, by=by):
            return Told(f"Contributing factor ({by.name}): {text}")
        case e.Mitigated(how=how):
            return Told(f"Mitigated: {how}")
        case e.Resolved(how=how, by=by, unverified_because=why):
            unproven = f" (not verified: {why})" if why else ""
            return Told(f"{_who(by, 'PagerDuty')} resolved it: {how}{unproven}")
        case e.Reopened(why=why, by=by):
            return Told(f"{_who(by, 'PagerDuty')} reopened it: {why}")
        case e.PagerClearing(left=left) if left:
            return Told(f"Left open in PagerDuty: {'; '.join(left)}")
        case e.PostmortemWritten(path=path, pull_request=address):
            return Told(f"Postmortem draft: {path}", address)
        case e.PostmortemFailed(why=why):
            return Told(f"No postmortem draft: {why}")
        case e.FollowUpAdded(follow_up=follow):
            return Told(f"Follow-up for {follow.owner_name}: {follow.title}")
        case e.FollowUpTicketed(ticket=ticket, follow_up=f):
            return Told(f"Ticket for {incident.follow_ups[f].title}", ticket)
        case e.FollowUpFailed(why=why):
            return Told(f"No ticket: {why}")
    return None


def _title(incident: Incident, mitigation: str) -> str:
    held = incident.mitigations.get(mitigation)
    return held.plan.title if held else mitigation
