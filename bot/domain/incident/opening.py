"""How the incident came about, and what the pager says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.events import (
    AcknowledgeAsked,
    AlertsRead,
    AlertsUnread,
    BaselineTaken,
    Declared,
    HouseOpened,
    KeptOpen,
    MitigationsFrozen,
    PageAcknowledged,
    PageAdopted,
    PageAnnotated,
    Paged,
    PagedNowRead,
    PageEscalated,
    PageMerged,
    PagerActFailed,
    PageReopened,
    PageReprioritised,
    PageResolved,
    PageUnacknowledged,
    ResolveQuestioned,
    Retitled,
    ServiceNamed,
    StartEstimated,
    Visibility,
)
from bot.domain.facts import Entry
from bot.domain.incident.ledger import Ledger
from bot.domain.page import Alert, OpenPage, Page, PagedNow, PageStatus
from bot.domain.people import Person


@dataclass(frozen=True, kw_only=True)
class PageState:
    """A page of this incident, as far as we know."""

    page: Page
    status: PageStatus = PageStatus.TRIGGERED
    status_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    paged_at: datetime | None = None
    resolved_at: datetime | None = None
    merged_into: str = ""
    alerts: tuple[Alert, ...] = ()
    unread: str = ""
    paged_now: PagedNow = PagedNow()
    questioned: bool = False
    kept_open_by: Person | None = None


@dataclass(kw_only=True)
class Opened(Ledger):
    title: str = ""
    opened_at: datetime | None = None
    known_at: datetime | None = None
    declared_by: Person | None = None
    team_id: str = ""
    service: str = ""
    service_how: str = ""
    service_by: Person | None = None
    environment: str = ""
    cluster: str = ""
    region: str = ""
    visibility: Visibility = Visibility.PUBLIC
    guessed: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    from_channel: str = ""
    wanted_name: str = ""
    pages: Mapping[str, PageState] = field(default_factory=dict)
    started_at: datetime | None = None
    started_how: str = ""
    started_by: Person | None = None
    asked_to_acknowledge: tuple[Person, ...] = ()
    acknowledging: tuple[Person, ...] = ()
    pager_trouble: tuple[str, ...] = ()
    doors_opened: datetime | None = None
    baseline: tuple[OpenPage, ...] | None = None
    adopted: Mapping[str, PageAdopted] = field(default_factory=dict)
    frozen_by: str = ""
    frozen_why: str = ""
    frozen_at: datetime | None = None
    last_news_at: datetime | None = None

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        match entry.fact:
            case Declared() as declared:
                self._declared(declared, entry)
            case Retitled(title=title):
                self.title = title
            case ServiceNamed() as named:
                self.service, self.environment = named.service, named.environment
                self.cluster, self.region = named.cluster, named.region
                self.service_by, self.nearest = named.by, ()
                self._known("service")
            case StartEstimated(by=by) as told if by or self.started_by is None:
                # An estimate never overrides what a person said.
                self.started_at, self.started_how = told.start, told.how
                self.started_by = by
                if by or told.measured:
                    self._known("start")
            case HouseOpened() if self.doors_opened is None:
                self.doors_opened = entry.when
            case BaselineTaken(pages=pages):
                self.baseline = pages
            case PageAdopted(page=page_id) as adopted:
                self.adopted = {**self.adopted, page_id: adopted}
            case MitigationsFrozen(frozen=frozen, by=by, why=why):
                self.frozen_by = by.name if frozen else ""
                self.frozen_why = why if frozen else ""
                self.frozen_at = entry.when if frozen else None
            case AcknowledgeAsked(by=by):
                self.asked_to_acknowledge = (*self.asked_to_acknowledge, by)
                self.acknowledging = (*self.acknowledging, by)
            case PagerActFailed() as failed:
                said = f"Could not {failed.doing}: {failed.why} {failed.by_hand}".strip()
                self.pager_trouble = (*self.pager_trouble, said)
                self.acknowledging = tuple(p for p in self.acknowledging if not p.same(failed.by))
            case _:
                self._page_news(entry)

    def _known(self, what: str) -> None:
        """No guess any more."""
        self.guessed = tuple(each for each in self.guessed if each != what)

    def _declared(self, declared: Declared, entry: Entry) -> None:
        self.title, self.opened_at, self.known_at = declared.title, entry.when, entry.at
        self.declared_by, self.team_id = declared.by, declared.team_id
        self.service, self.environment = declared.service, declared.environment
        self.service_how = declared.service_how
        self.cluster, self.region = declared.cluster, declared.region
        self.visibility, self.guessed = declared.visibility, declared.guessed
        self.nearest, self.from_channel = declared.nearest, declared.from_channel
        self.wanted_name = declared.channel_name

    def _page_news(self, entry: Entry) -> None:
        at = self.last_news_at = entry.when
        match entry.fact:
            case Paged(page=page):
                known = self.pages.get(page.id)
                fresh = replace(known, page=page) if known else PageState(page=page, paged_at=at)
                self.pages = {**self.pages, page.id: fresh}
            case AlertsRead(page=page_id, alerts=alerts, paged_now=now):
                self._page(page_id, alerts=alerts, unread="", paged_now=now)
            case AlertsUnread(page=page_id, why=why):
                self._page(page_id, unread=why)
            case PagedNowRead(page=page_id, paged_now=now):
                self._page(page_id, paged_now=now)
            case PageAcknowledged(page=page_id) as done:
                self._acknowledged(page_id, done.by.name if done.by else done.by_name, at)
            case PageUnacknowledged(page=page_id):
                self._page(page_id, status=PageStatus.TRIGGERED, acknowledged_by="")
            case PageEscalated(page=page_id, names=names):
                self._page(page_id, paged_now=PagedNow(names=names))
            case PageReprioritised(page=page_id, priority=priority):
                if page_id in self.pages:
                    page = replace(self.pages[page_id].page, priority=priority)
                    self._page(page_id, page=page)
            case PageResolved(page=page_id):
                self._page(page_id, status=PageStatus.RESOLVED, resolved_at=at)
            case PageMerged(page=page_id, into=into):
                self._page(page_id, status=PageStatus.RESOLVED, merged_into=into, resolved_at=at)
            case PageReopened(page=page_id):
                self._page(page_id, status=PageStatus.TRIGGERED, resolved_at=None)
            case ResolveQuestioned(page=page_id):
                self._page(page_id, questioned=True)
            case KeptOpen(page=page_id, by=by):
                self._page(page_id, kept_open_by=by)
            case PageAnnotated():
                pass

    def _acknowledged(self, page_id: str, name: str, at: datetime) -> None:
        self.acknowledging = ()
        self._page(
            page_id,
            status=PageStatus.ACKNOWLEDGED,
            acknowledged_by=name,
            acknowledged_at=at,
        )

    def _page(self, page_id: str, **news: object) -> None:
        if page_id in self.pages:
            if "status" in news:
                news = {"status_at": self.last_news_at, **news}
            changed = replace(self.pages[page_id], **news)  # type: ignore[arg-type]
            self.pages = {**self.pages, page_id: changed}

    @property
    def declared(self) -> bool:
        return self.opened_at is not None

    @property
    def impact_start(self) -> datetime | None:
        """When users began to be hit, as well as is known."""
        return self.started_at or self.opened_at

    def leaves_to_baseline(self, page: Page) -> bool:
        """Of the house: it began before our doors opened, and what was open then is not yet read.

        The pager's times are whole seconds.
        """
        if self.baseline is not None or self.doors_opened is None or page.created_at is None:
            return False
        return page.created_at < self.doors_opened.replace(microsecond=0)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(alert for state in self.pages.values() for alert in state.alerts)

    @property
    def open_pages(self) -> tuple[PageState, ...]:
        return tuple(s for s in self.pages.values() if s.status is not PageStatus.RESOLVED)

    @property
    def acknowledged(self) -> bool:
        """Nobody needs to be woken for it any more."""
        if not self.pages:
            return self.declared_by is not None
        answered = (
            s.status is PageStatus.ACKNOWLEDGED or s.acknowledged_by for s in self.pages.values()
        )
        return not self.open_pages or any(answered)

    @property
    def acknowledged_at(self) -> datetime | None:
        times = [s.acknowledged_at for s in self.pages.values() if s.acknowledged_at]
        return min(times, default=None)

    @property
    def merged_into(self) -> str:
        """The page that took over, where every page of this incident was merged away."""
        states = list(self.pages.values())
        if states and all(s.merged_into for s in states):
            return states[-1].merged_into
        return ""

    def ask_to_acknowledge(self, by: Person) -> None:
        """The pager is told by a reaction, as the person who pressed."""
        if not self.pages:
            raise Refused("Nothing was paged for this incident: there is nothing to acknowledge.")
        if not any(s.status is PageStatus.TRIGGERED for s in self.pages.values()):
            who = next((s.acknowledged_by for s in self.pages.values() if s.acknowledged_by), "")
            raise Refused(f"Already acknowledged{f' by {who}' if who else ''}.")
        if any(by.same(asked) for asked in self.acknowledging):
            raise Refused("PagerDuty is already being told that you have it.")
        self.record(AcknowledgeAsked(by=by))

    def name_service(
        self, service: str, environment: str, *, by: Person, cluster: str = "", region: str = ""
    ) -> None:
        same = (service, environment) == (self.service, self.environment)
        if same and "service" not in self.guessed:
            raise Refused(f"The service is already {service} in {environment}.")
        self.record(
            ServiceNamed(
                service=service, environment=environment, by=by, cluster=cluster, region=region
            )
        )

    def estimate_start(self, start: datetime, *, how: str, measured: bool = False) -> None:
        """Not worth a word once a person has said it."""
        if self.started_by is None:
            self.record(StartEstimated(start=start, how=how, measured=measured))

    def set_start(self, start: datetime, *, by: Person) -> None:
        """Nobody is hit before it happens, and nobody has to say twice what stands there."""
        assert self.now is not None
        if start > self.now:
            raise Refused(f"{start:%H:%M} UTC is still to come: say when it began.")
        if self.started_by is not None and start == self.started_at:
            raise Refused(f"{self.started_by.name} already said {start:%H:%M} UTC.")
        self.record(StartEstimated(start=start, how=f"said by {by.name}", by=by))

    def keep_open(self, page: str, *, by: Person) -> None:
        """The answer to the pager that shows the page as resolved; given once."""
        held = self.pages.get(page)
        if held is None or not held.questioned:
            raise Refused("Nobody asks any more whether this is over.")
        if held.kept_open_by is not None:
            raise Refused(f"{held.kept_open_by.name} already said that it stays open.")
        self.record(KeptOpen(page=page, by=by))
