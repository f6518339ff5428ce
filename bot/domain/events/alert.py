"""How an incident begins: by a page or by a person, and what the pager says of it later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.facts import Fact
from bot.domain.page import Alert, OpenPage, Page, PagedNow
from bot.domain.people import Person


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, kw_only=True)
class Declared(Fact, stored="declared"):
    """The first fact of every incident; all that must be true for ever stands in it."""

    title: str
    channel_name: str
    by: Person | None = None
    team_id: str = ""
    enterprise_id: str | None = None
    service: str = ""
    service_how: str = ""
    environment: str = "production"
    cluster: str = ""
    region: str = ""
    visibility: Visibility = Visibility.PUBLIC
    guessed: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    from_channel: str = ""
    flap: bool = False


@dataclass(frozen=True, kw_only=True)
class Paged(Fact, stored="paged"):
    """A page opened or joined this incident."""

    page: Page
    joined: bool = False
    adopted_by: Person | None = None

    @property
    def calm(self) -> bool:
        """The first page is news; of a storm the boards show where it stands every 10 s."""
        return self.joined


@dataclass(frozen=True, kw_only=True)
class AlertsRead(Fact, stored="alerts-read"):
    page: str
    alerts: tuple[Alert, ...]
    paged_now: PagedNow = PagedNow()
    joined: bool = False

    @property
    def calm(self) -> bool:
        return self.joined


@dataclass(frozen=True, kw_only=True)
class AlertsUnread(Fact, stored="alerts-unread"):
    """The pager could not be asked: the card says so, and what to do by hand."""

    page: str
    why: str
    by_hand: str = ""
    joined: bool = False

    @property
    def calm(self) -> bool:
        return self.joined


@dataclass(frozen=True, kw_only=True)
class PageAcknowledged(Fact, stored="page-acknowledged"):
    page: str
    by: Person | None = None
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageUnacknowledged(Fact, stored="page-unacknowledged"):
    page: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageEscalated(Fact, stored="page-escalated"):
    """Somebody else is paged now."""

    page: str
    names: tuple[str, ...]
    reassigned: bool = False
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PagedNowRead(Fact, stored="paged-now-read", chatter=True):
    page: str
    paged_now: PagedNow


@dataclass(frozen=True, kw_only=True)
class PageReprioritised(Fact, stored="page-reprioritised"):
    page: str
    priority: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageResolved(Fact, stored="page-resolved"):
    page: str
    by: Person | None = None
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageMerged(Fact, stored="page-merged"):
    """Ended in the pager by becoming part of another page; nobody said it is over."""

    page: str
    into: str
    into_incident: str = ""
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageReopened(Fact, stored="page-reopened"):
    page: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageAnnotated(Fact, stored="page-annotated"):
    page: str
    text: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PageDetailChanged(Fact, stored="page-detail-changed", chatter=True):
    """Any other news of the page, kept in its own words."""

    page: str
    kind: str
    text: str = ""
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ResolveQuestioned(Fact, stored="resolve-questioned"):
    """The page was resolved in the pager while people work: the channel is asked once."""

    page: str


@dataclass(frozen=True, kw_only=True)
class KeptOpen(Fact, stored="kept-open"):
    """Somebody answered that question: it is not over."""

    page: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class AcknowledgeAsked(Fact, stored="acknowledge-asked"):
    by: Person


@dataclass(frozen=True, kw_only=True)
class PagerActFailed(Fact, stored="pager-act-failed"):
    """Something we wanted to do in the pager was not done."""

    page: str
    doing: str
    why: str
    by_hand: str = ""
    by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceNamed(Fact, stored="service-named"):
    service: str
    environment: str
    by: Person
    cluster: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Retitled(Fact, stored="retitled"):
    title: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class StartEstimated(Fact, stored="start-estimated"):
    """When users began to be hit; `how` says how we know.

    A guess unless somebody said it (`by`) or it was seen in the numbers (`measured`).
    """

    start: datetime
    how: str
    by: Person | None = None
    measured: bool = False


@dataclass(frozen=True, kw_only=True)
class BaselineTaken(Fact, stored="baseline-taken"):
    """What was open when this deployment first looked (in the house timeline)."""

    pages: tuple[OpenPage, ...]


@dataclass(frozen=True, kw_only=True)
class PageAdopted(Fact, stored="page-adopted"):
    """A page of the baseline became an incident by hand (in the house timeline)."""

    page: str
    incident: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class HouseOpened(Fact, stored="house-opened"):
    """The first fact of the house timeline."""

    version: str


@dataclass(frozen=True, kw_only=True)
class MitigationsFrozen(Fact, stored="mitigations-frozen"):
    """The kill switch, thrown or lifted (in the house timeline)."""

    by: Person
    frozen: bool
    why: str = ""
