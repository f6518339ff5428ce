"""Pages and the pager's news of them, as the webhooks' parser hands them over."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.incident import Incident
from bot.domain.page import OpenPage, Page, PageEvent, PageNews, PageStatus
from bot.flow.news import page_news
from tests.doubles.house import House
from tests.timeline.ledgers import NOON


def page(
    id_: str = "Q1", service: str = "PLMS", *, title: str = "LMS errors", **more: object
) -> Page:
    asked: dict[str, object] = {
        "id": id_,
        "title": title,
        "address": f"https://pd.example/{id_}",
        "service_id": service,
        "service_name": service,
        "urgency": "high",
        "created_at": NOON,
    }
    return Page(**{**asked, **more})  # type: ignore[arg-type]


def news(
    event: PageEvent, of: Page | None = None, *, seconds: float = 0, **more: object
) -> PageNews:
    asked: dict[str, object] = {
        "event_id": f"{event}-{seconds}",
        "event": event,
        "occurred_at": NOON + timedelta(seconds=seconds),
        "kind": f"incident.{event}",
        "page": of or page(),
        "agent_name": "Ana Lima",
    }
    return PageNews(**{**asked, **more})  # type: ignore[arg-type]


def held(of: Page, status: PageStatus = PageStatus.TRIGGERED, by: str = "") -> OpenPage:
    return OpenPage(page=of, status=status, acknowledged_by=by)


def tell(house: House, event: PageEvent, of: Page | None = None, **more: object) -> None:
    page_news(house.tools, news(event, of, **more))  # type: ignore[arg-type]


def paged(house: House, of: Page | None = None, **more: object) -> str:
    """A page came; the id of the incident that it opened or joined."""
    wanted = of or page()
    tell(house, PageEvent.TRIGGERED, wanted, **more)
    found = house.store.claimed("page", wanted.id)
    assert found is not None
    return found


def opened(house: House) -> list[Incident]:
    """Every incident there is, oldest first."""
    rows = sorted(house.store.summaries(limit=100), key=lambda row: row.opened_at)
    return [house.incident(row.id) for row in rows]


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)
