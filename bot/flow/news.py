"""What PagerDuty says of a page after it opened: duplicates, echoes, merges and late news."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.domain.errors import Refused
from bot.domain.events import (
    BaselineTaken,
    HouseOpened,
    PageAcknowledged,
    PageAdopted,
    PageAnnotated,
    PageDetailChanged,
    PageEscalated,
    PageMerged,
    PageReopened,
    PageReprioritised,
    PageResolved,
    PageUnacknowledged,
    Reopened,
    ResolveQuestioned,
)
from bot.domain.facts import Entry, Fact
from bot.domain.incident import HOUSE, Incident
from bot.domain.mitigation import MitigationStage
from bot.domain.page import OpenPage, Page, PageEvent, PageNews, PageStatus
from bot.domain.people import Person
from bot.flow.alert import open_for_page
from bot.flow.guessing import place_of, proposal
from bot.reactions import Later, reacts_to
from bot.tools import Desk, Tools

log = structlog.get_logger()

_OPENING = {
    PageEvent.TRIGGERED,
    PageEvent.REOPENED,
    PageEvent.ACKNOWLEDGED,
    PageEvent.UNACKNOWLEDGED,
    PageEvent.ESCALATED,
    PageEvent.REASSIGNED,
    PageEvent.DELEGATED,
}
_EVERY = timedelta(minutes=5)


def page_news(tools: Tools, news: PageNews) -> None:
    """One commit for one webhook; a page we do not know opens an incident or joins one."""
    page = news.page
    if page is None or not page.id:
        log.info("pager news without a page", news=news.kind)
        return
    place = None
    if tools.timeline.claimed("page", page.id) is None and news.event in _OPENING:
        place = place_of(tools, page)
    with tools.timeline.desk() as desk:
        holder = desk.claimed("page", page.id)
        if holder is not None:
            _known(desk, desk.open(holder), news, page)
        elif news.event in {PageEvent.RESOLVED, PageEvent.MERGED}:
            desk.open(HOUSE).claim("gone", page.id)
        elif place is not None and not _is_past(desk, news, page):
            incident = open_for_page(tools, desk, page, place)
            for fact in _first(news, page):
                incident.record(fact)


def _is_past(desk: Desk, news: PageNews, page: Page) -> bool:
    """Its end came before its beginning (deliveries were swapped), or it is the baseline's."""
    if news.event is PageEvent.REOPENED:
        return False
    if desk.open(HOUSE).leaves_to_baseline(page):
        return True
    return any(desk.claimed(kind, page.id) for kind in ("gone", "baseline"))


def _first(news: PageNews, page: Page) -> list[Fact]:
    """What the first news we ever hear of a page says besides that it exists."""
    if news.event is PageEvent.ACKNOWLEDGED:
        return [
            PageAcknowledged(page=page.id, by_name=news.agent_name, happened_at=news.occurred_at)
        ]
    return []


def _known(desk: Desk, incident: Incident, news: PageNews, page: Page) -> None:
    state = incident.pages[page.id]
    at = news.occurred_at
    late = state.status_at is not None and at < state.status_at
    who = news.agent_name
    match news.event:
        case PageEvent.ACKNOWLEDGED if not late and state.status is PageStatus.TRIGGERED:
            incident.record(PageAcknowledged(page=page.id, by_name=who, happened_at=at))
        case PageEvent.UNACKNOWLEDGED if not late and state.status is PageStatus.ACKNOWLEDGED:
            incident.record(PageUnacknowledged(page=page.id, by_name=who, happened_at=at))
        case PageEvent.RESOLVED if not late and state.status is not PageStatus.RESOLVED:
            _resolved(incident, news, page)
        case PageEvent.MERGED if not state.merged_into:
            _merged(desk, incident, news, page)
        case PageEvent.REOPENED if not late and state.status is PageStatus.RESOLVED:
            incident.record(PageReopened(page=page.id, by_name=who, happened_at=at))
            if incident.resolved_at is not None:
                incident.record(Reopened(why=f"reopened in PagerDuty by {who or 'somebody'}"))
                take_back(desk, incident)
        case PageEvent.ESCALATED | PageEvent.REASSIGNED | PageEvent.DELEGATED if not late:
            _escalated(incident, news, page)
        case _:
            _detail(incident, news, page)


def _merged(desk: Desk, incident: Incident, news: PageNews, page: Page) -> None:
    """Not over: it goes on under the page that took it over."""
    incident.record(
        PageMerged(
            page=page.id,
            into=news.detail,
            into_incident=desk.claimed("page", news.detail) or "",
            by_name=news.agent_name,
            happened_at=news.occurred_at,
        )
    )
    if incident.merged_into:
        let_go(incident)


def _escalated(incident: Incident, news: PageNews, page: Page) -> None:
    if page.assignees != incident.pages[page.id].paged_now.names:
        incident.record(
            PageEscalated(
                page=page.id,
                names=page.assignees,
                reassigned=news.event is not PageEvent.ESCALATED,
                by_name=news.agent_name,
                happened_at=news.occurred_at,
            )
        )


def _detail(incident: Incident, news: PageNews, page: Page) -> None:
    """What changes nothing about whose turn it is."""
    who, at = news.agent_name, news.occurred_at
    match news.event:
        case PageEvent.PRIORITY if page.priority != incident.pages[page.id].page.priority:
            incident.record(
                PageReprioritised(
                    page=page.id, priority=page.priority, by_name=who, happened_at=at
                )
            )
        case PageEvent.ANNOTATED if not news.ours:
            incident.record(
                PageAnnotated(page=page.id, text=news.detail, by_name=who, happened_at=at)
            )
        case PageEvent.RESPONDER | PageEvent.STATUS_UPDATE | PageEvent.DETAIL if not news.ours:
            incident.record(
                PageDetailChanged(
                    page=page.id, kind=news.kind, text=news.detail, by_name=who, happened_at=at
                )
            )
        case _:
            log.info("pager news changes nothing", news=news.kind)


def _resolved(incident: Incident, news: PageNews, page: Page) -> None:
    """A flap that nobody touched closes; otherwise the channel is asked, once."""
    untouched = incident.untouched()
    incident.record(
        PageResolved(page=page.id, by_name=news.agent_name, happened_at=news.occurred_at)
    )
    if incident.open_pages or incident.resolved_at is not None:
        return
    if untouched:
        incident.close_flap("the page resolved itself before anybody touched it")
        let_go(incident)
    elif not incident.pages[page.id].questioned and not _busy(incident):
        incident.record(ResolveQuestioned(page=page.id))


def _busy(incident: Incident) -> bool:
    """A change is being carried out or proven: its verdict says whether it is over."""
    return any(held.stage is not MitigationStage.PROPOSED for held in incident.running)


@reacts_to(PageReprioritised, name="propose-severity-anew")
def propose_severity_anew(tools: Tools, entry: Entry) -> None:
    """A proposal follows the page's priority until a person says how grave it is."""
    assert isinstance(entry.fact, PageReprioritised)
    with tools.timeline.open(entry.incident) as incident:
        page = incident.pages[entry.fact.page].page
        by_person = incident.declared_by is not None
        incident.propose_severity(proposal(tools, incident, page, by_person=by_person))


def let_go(incident: Incident) -> None:
    """Over: the next page of this service opens a new incident."""
    incident.release("open", f"{incident.environment}/{incident.service}")
    for state in incident.pages.values():
        incident.release("open", f"{incident.environment}/?{state.page.service_id}")


def take_back(desk: Desk, incident: Incident) -> None:
    """Open again: later pages of the service join it, unless another one has opened since."""
    pager = next((s.page.service_id for s in incident.pages.values()), "")
    lock = f"{incident.environment}/{incident.service or f'?{pager}'}"
    if (incident.service or pager) and desk.claimed("open", lock) is None:
        incident.claim("open", lock)


@reacts_to(HouseOpened, name="take-baseline", gives_up=False)
def take_baseline(tools: Tools, entry: Entry) -> None:
    """The first start touches nothing: what is open already is listed, to be adopted by hand.

    What began since our doors opened is ours: its webhook, or reconciling, opens it. PagerDuty's
    times are whole seconds.
    """
    came = entry.when.replace(microsecond=0)
    if tools.pager is None or tools.timeline.read(HOUSE).baseline is not None:
        return
    found = tools.pager.open_pages()
    with tools.timeline.desk() as desk:
        house = desk.open(HOUSE)
        if house.baseline is not None:
            return
        fresh = tuple(
            p
            for p in found
            if desk.claimed("page", p.page.id) is None
            and (p.page.created_at is None or p.page.created_at < came)
        )
        for held in fresh:
            house.claim("baseline", held.page.id)
        house.record(BaselineTaken(pages=fresh))


@reacts_to(BaselineTaken, name="reconcile", gives_up=False)
def reconcile(tools: Tools, entry: Entry) -> Later | None:
    """Finds what no webhook told us: pages that opened, and pages that ended."""
    if tools.pager is None:
        return None
    since = entry.at - timedelta(minutes=1)
    shown = {p.page.id: p for p in tools.pager.open_pages(since=since)}
    for held in shown.values():
        if tools.timeline.claimed("page", held.page.id) is None:
            _missed(tools, held)
    for row in tools.timeline.summaries(open_only=True, limit=200):
        for state in tools.timeline.read(row.id).open_pages:
            if state.page.id not in shown:
                _ended(tools, state.page.id)
    return Later(_EVERY, why="reconcile")


def _missed(tools: Tools, held: OpenPage) -> None:
    place = place_of(tools, held.page)
    with tools.timeline.desk() as desk:
        kinds = ("page", "gone", "baseline")
        if any(desk.claimed(kind, held.page.id) for kind in kinds):
            return
        incident = open_for_page(tools, desk, held.page, place)
        if held.status is PageStatus.ACKNOWLEDGED:
            incident.record(PageAcknowledged(page=held.page.id, by_name=held.acknowledged_by))
    log.warning("page found by reconciling", page=held.page.id)


def _ended(tools: Tools, page_id: str) -> None:
    assert tools.pager is not None
    now = tools.pager.page(page_id)
    if now.status is not PageStatus.RESOLVED:
        return
    with tools.timeline.desk() as desk:
        holder = desk.claimed("page", page_id)
        if holder is None:
            return
        incident = desk.open(holder)
        if incident.pages[page_id].status is not PageStatus.RESOLVED:
            news = PageNews(
                event_id="",
                event=PageEvent.RESOLVED,
                occurred_at=tools.clock.now(),
                kind="reconciled",
                page=now.page,
            )
            _resolved(incident, news, now.page)


def adopt(tools: Tools, page_id: str, *, by: Person) -> str:
    """A page that was open before we came becomes an incident of ours."""
    house = tools.timeline.read(HOUSE)
    held = next((p for p in house.baseline or () if p.page.id == page_id), None)
    if held is None:
        raise Refused("That page is not on the list of what was open at the start.")
    place = place_of(tools, held.page)
    with tools.timeline.desk() as desk:
        holder = desk.claimed("page", page_id)
        if holder is not None:
            raise Refused("It has been adopted already.")
        incident = open_for_page(tools, desk, held.page, place, adopted_by=by)
        desk.open(HOUSE).record(PageAdopted(page=page_id, incident=incident.id, by=by))
        if held.status is PageStatus.ACKNOWLEDGED:
            incident.record(PageAcknowledged(page=page_id, by_name=held.acknowledged_by))
    return incident.id
