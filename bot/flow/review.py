"""What is learnt: the postmortem in git, its blameless wording, and the work that follows."""

from __future__ import annotations

from datetime import date, timedelta

from bot.domain.blameless import lint
from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    FactorAdded,
    FollowUpAdded,
    FollowUpFailed,
    FollowUpTicketed,
    PostmortemAsked,
    PostmortemCommented,
    PostmortemFailed,
    PostmortemWritten,
    Resolved,
    SuspectJudged,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.domain.review import Comment, Draft, FollowUp, FollowUpType, Picture, Published
from bot.flow import curves
from bot.flow.chronicle import Chronicle
from bot.flow.curves import Drawn
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_SETTLE = timedelta(seconds=5)


def ask_for_postmortem(tools: Tools, incident_id: str, *, by: Person) -> None:
    if tools.archive is None:
        raise Refused("No postmortem repository is configured: set POSTMORTEM_REPO.")
    with tools.timeline.open(incident_id) as incident:
        incident.ask_for_postmortem(by=by)


@reacts_to(Resolved, name="start-postmortem")
def start_postmortem(tools: Tools, entry: Entry) -> None:
    """By itself for the severities that policy names; for the others when somebody asks."""
    assert isinstance(entry.fact, Resolved)
    if entry.fact.flap or tools.archive is None:
        return
    with tools.timeline.open(entry.incident) as incident:
        severity = incident.severity.value if incident.severity else "sev3"
        wanted = tools.policy.rhythm(severity).postmortem or costly(tools, incident)
        if wanted and not incident.postmortem_asked:
            incident.ask_for_postmortem(by=None)


def costly(tools: Tools, incident: Incident) -> bool:
    """It spent so much of a budget that policy wants a postmortem, whatever its severity."""
    return any((each.spent or 0) > tools.policy.postmortem_over for each in incident.budgets)


@reacts_to(PostmortemAsked, name="write-postmortem", gives_up=False)
def write_postmortem(tools: Tools, entry: Entry) -> Later | None:
    """Rendered from the timeline, redacted, committed to its branch, opened as a pull request."""
    if tools.archive is None:
        return None
    waited = tools.clock.now() - entry.at
    if waited < _SETTLE:
        return Later(_SETTLE - waited, why="the last facts of the incident")
    incident = tools.timeline.read(entry.incident)
    draft = draft_of(tools, incident)
    try:
        tools.gate.allow("commit the postmortem")
        published = tools.archive.publish(draft)
        pull_request = _pull_request(tools, incident, published)
    except Refused as refused:
        return _not_written(tools, entry.incident, str(refused), "")
    except VendorDown:
        raise
    except VendorError as failed:
        return _not_written(tools, entry.incident, failed.why, failed.by_hand)
    remarks = len(lint(published.text, people=_names(incident)))
    with tools.timeline.open(entry.incident) as incident:
        incident.record(
            PostmortemWritten(
                path=published.path,
                branch=published.branch,
                commit=published.commit,
                remarks=remarks,
                pull_request=pull_request,
            )
        )
    return None


def _not_written(tools: Tools, incident_id: str, why: str, by_hand: str) -> Later | None:
    with tools.timeline.open(incident_id) as incident:
        incident.record(PostmortemFailed(why=why, by_hand=by_hand))
    return None


def _pull_request(tools: Tools, incident: Incident, published: Published) -> str:
    """The forge finds the one that is open for the branch already."""
    if tools.forge is None:
        return ""
    return tools.forge.pull_request(
        branch=published.branch,
        title=f"Postmortem: {redact(incident.title).text}",
        body=f"Draft of the blameless postmortem of {incident.id}, written from its timeline."
        " Edit it here; what stands outside the marked regions is kept when it is regenerated.",
    )


@reacts_to(PostmortemWritten, name="comment-wording", lane=Lane.CHATTER)
def comment_wording(tools: Tools, entry: Entry) -> None:
    """The linter's findings, each with a rewrite, as comments on the pull request."""
    written = entry.fact
    assert isinstance(written, PostmortemWritten)
    incident = tools.timeline.read(entry.incident)
    if tools.forge is None or not written.pull_request:
        return
    if tools.archive is None or incident.commented == f"{written.pull_request}@{written.commit}":
        return
    text = tools.archive.read(written.branch, written.path)
    remarks = [
        Comment(
            path=written.path,
            line=found.line,
            body=f"**{found.category}**: {found.reason}\n\nTry: {found.rewrite}",
        )
        for found in lint(text, people=_names(incident))
    ]
    if remarks:
        tools.gate.allow("comment on the pull request")
        tools.forge.comment(written.pull_request, remarks)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(
            PostmortemCommented(
                pull_request=f"{written.pull_request}@{written.commit}", remarks=len(remarks)
            )
        )


def draft_of(tools: Tools, incident: Incident) -> Draft:
    """Path and branch depend on the incident alone: the same draft is never made twice."""
    entries = tools.timeline.entries(incident.id)
    chronicle = Chronicle(
        incident=incident,
        entries=entries,
        catalog=tools.catalog,
        head=tools.timeline.head_hash(incident.id),
    )
    assert incident.opened_at is not None
    day = incident.opened_at
    name = incident.channel_name or incident.wanted_name
    path = f"postmortems/{day:%Y}/{day:%Y-%m-%d}-{name.split('-', 2)[-1]}.md"
    drawn = curves.drawn(tools, incident)
    values = {**chronicle.values(), "pictures": _shown(drawn, path)}
    text = tools.templates.render("postmortem.md.j2", values)
    severity = incident.severity.value if incident.severity else ""
    title = redact(incident.title).text
    return Draft(
        incident=incident.id,
        path=path,
        branch=f"postmortem/{incident.id}",
        text=text,
        index_line=f"- [{day:%Y-%m-%d} {severity} {title}]({path.removeprefix('postmortems/')})",
        message=f"Postmortem draft: {title}",
        pictures=_pictures(drawn, path),
    )


def _picture_path(drawn: Drawn, path: str) -> str:
    return f"{path.removesuffix('.md')}-{drawn.curve.name}.png"


def _pictures(drawn: Drawn | None, path: str) -> tuple[Picture, ...]:
    if drawn is None or not drawn.png:
        return ()
    return (Picture(path=_picture_path(drawn, path), content=drawn.png),)


def _shown(drawn: Drawn | None, path: str) -> list[dict[str, str]]:
    """As the template shows them: a file with its text, or why there is none."""
    if drawn is None:
        return []
    if drawn.trouble:
        return [{"file": "", "alt": drawn.curve.alt, "trouble": drawn.trouble}]
    name = _picture_path(drawn, path).rpartition("/")[2]
    return [{"file": name, "alt": drawn.curve.alt, "trouble": ""}]


def _names(incident: Incident) -> tuple[str, ...]:
    return tuple(p.name for p in incident.people if p.name)


def follow_up(
    tools: Tools,
    incident_id: str,
    title: str,
    *,
    by: Person,
    owner: Person | None = None,
    kind: FollowUpType = FollowUpType.PREVENT,
    done_when: str = "",
    due: date | None = None,
) -> str:
    """One owner, a date by severity where none is said, and how one sees that it is done."""
    incident = tools.timeline.read(incident_id)
    severity = incident.severity.value if incident.severity else "sev3"
    due = due or (tools.clock.now() + tools.policy.rhythm(severity).follow_up_due).date()
    who = owner or by
    with tools.timeline.open(incident_id) as incident:
        wanted = FollowUp(
            id=f"f{len(incident.follow_ups) + 1}",
            title=redact(title).text.strip(),
            type=kind,
            owner=who.user_id,
            owner_name=who.name,
            due=due,
            done_when=redact(done_when).text.strip(),
        )
        incident.follow_up(wanted, by=by)
    return wanted.id


@reacts_to(FollowUpAdded, name="make-ticket", key=lambda fact: _follow_up_id(fact))
def make_ticket(tools: Tools, entry: Entry) -> None:
    """Searched for by its marker before it is created, then linked both ways."""
    follow = tools.timeline.read(entry.incident).follow_ups[_follow_up_id(entry.fact)]
    if tools.tracker is None or follow.ticket:
        return
    incident = tools.timeline.read(entry.incident)
    marker = f"tocsin-{entry.incident}-{follow.id}"
    try:
        tools.gate.allow("create the ticket")
        ticket = tools.tracker.find(marker) or tools.tracker.create(
            follow, incident=incident.summary(), marker=marker
        )
    except VendorDown:
        raise
    except (Refused, VendorError) as failed:
        by_hand = getattr(failed, "by_hand", "") or "Make the ticket by hand."
        with tools.timeline.open(entry.incident) as incident:
            incident.record(FollowUpFailed(follow_up=follow.id, why=str(failed), by_hand=by_hand))
        return
    with tools.timeline.open(entry.incident) as incident:
        incident.record(FollowUpTicketed(follow_up=follow.id, ticket=ticket))


@reacts_to(FollowUpTicketed, PostmortemWritten, name="link-tickets", lane=Lane.CHATTER)
def link_tickets(tools: Tools, entry: Entry) -> None:
    """Each ticket leads to the postmortem; the same link twice is one link."""
    incident = tools.timeline.read(entry.incident)
    address = incident.postmortem.pull_request if incident.postmortem else ""
    if tools.tracker is None or not address or tools.gate.observe:
        return
    for follow in incident.follow_ups.values():
        if follow.ticket:
            tools.tracker.link(
                follow.ticket, title=f"Postmortem of {entry.incident}", address=address
            )


@reacts_to(FollowUpTicketed, FactorAdded, SuspectJudged, name="renew-postmortem")
def renew_postmortem(tools: Tools, entry: Entry) -> None:
    """What is learnt after the draft was written goes into it; human edits stay."""
    with tools.timeline.open(entry.incident) as incident:
        if incident.postmortem is not None:
            incident.ask_for_postmortem(by=None)


def _follow_up_id(fact: object) -> str:
    return fact.follow_up.id if isinstance(fact, FollowUpAdded) else ""
