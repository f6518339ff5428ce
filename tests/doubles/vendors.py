"""Vendors in memory: they count what is done to them and can be down, slow or say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.change import Change, Partly, Unasked
from bot.domain.errors import VendorDown, VendorError
from bot.domain.incident import Summary
from bot.domain.mitigation import Measure
from bot.domain.page import Alert, OpenPage, PagedNow, PageStatus
from bot.domain.review import Comment, Draft, FollowUp, Published
from bot.domain.runbook import Answer, Query, Runbook, Verdict
from bot.domain.update import ComponentState, PublicUpdate, StatusPagePost
from bot.domain.written import Keeping, Kept
from bot.tools import Failed, T, TooSlow


@dataclass(kw_only=True)
class Vendor:
    """`trouble` is raised by every call until it is taken away again."""

    trouble: VendorError | None = None
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def _called(self, *call: str) -> None:
        self.calls.append(call)
        if self.trouble is not None:
            raise self.trouble

    def down(self, why: str = "no answer within 5 s") -> None:
        self.trouble = VendorDown(type(self).__name__, "ask it", why)

    def done(self, name: str) -> list[tuple[str, ...]]:
        return [call for call in self.calls if call[0] == name]


@dataclass(kw_only=True)
class Pager(Vendor):
    shown: dict[str, OpenPage] = field(default_factory=dict)
    found: tuple[Alert, ...] = ()
    now: PagedNow = PagedNow()
    on_duty: tuple[str, ...] = ("ana@demo.example",)

    def alerts(self, page_id: str) -> tuple[Alert, ...]:
        self._called("alerts", page_id)
        return self.found

    def paged_now(self, page_id: str) -> PagedNow:
        self._called("paged_now", page_id)
        return self.now

    def open_pages(self, *, since: datetime | None = None) -> tuple[OpenPage, ...]:
        self._called("open_pages")
        return tuple(
            held
            for held in self.shown.values()
            if held.status is not PageStatus.RESOLVED
            and (since is None or (held.page.created_at or since) >= since)
        )

    def page(self, page_id: str) -> OpenPage:
        self._called("page", page_id)
        return self.shown[page_id]

    def email_of(self, pager_user_id: str) -> str | None:
        return None

    def knows(self, email: str) -> bool:
        return True

    def on_call(self, service: str) -> tuple[str, ...]:
        self._called("on_call", service)
        return self.on_duty

    def acknowledge(self, page_id: str, *, as_email: str) -> None:
        self._called("acknowledge", page_id, as_email)

    def resolve(self, page_id: str, *, as_email: str, note: str) -> None:
        self._called("resolve", page_id, as_email)

    def note(self, page_id: str, *, as_email: str, text: str, marker: str) -> None:
        self._called("note", page_id, as_email)

    def set_priority(self, page_id: str, *, as_email: str, priority: str, since: datetime) -> None:
        self._called("set_priority", page_id, priority)

    def request_responder(self, page_id: str, *, as_email: str, target: str, message: str) -> None:
        self._called("request_responder", page_id, target)

    def has(self, held: OpenPage, status: PageStatus | None = None) -> None:
        """What its API shows from now on."""
        self.shown[held.page.id] = replace(held, status=status or held.status)


@dataclass(kw_only=True)
class Metrics(Vendor):
    ratio: float | None = 0.002
    requests: int = 5000
    blind: str = ""
    first_bad: datetime | None = None

    def measure(self, app: str, *, since: datetime, until: datetime) -> Measure:
        self._called("measure", app)
        return Measure(
            source="New Relic",
            at=until,
            error_ratio=self.ratio,
            requests=self.requests,
            blind=self.blind,
        )

    def normal(self, app: str, *, before: datetime) -> Measure:
        return Measure(source="New Relic", at=before, error_ratio=0.001, requests=9000)

    def first_bad_minute(self, app: str, *, since: datetime, until: datetime) -> datetime | None:
        return self.first_bad

    def sparkline(self, app: str, *, since: datetime, until: datetime) -> tuple[float, ...]:
        return ()

    def top_errors(self, app: str, *, since: datetime, until: datetime) -> tuple[str, ...]:
        return ("TemplateError 312",)


@dataclass(kw_only=True)
class Changes(Vendor):
    """A source of changes."""

    name: str = "Argo CD"
    found: list[Change] = field(default_factory=list)
    late: str = ""
    gaps: tuple[Unasked, ...] = ()

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change] | Partly:
        self._called("changes", *[each.service for each in places])
        found = [each for each in self.found if since <= each.at <= until]
        if not (self.late or self.gaps):
            return found
        return Partly(changes=tuple(found), missing=self.gaps, late=self.late)


@dataclass(kw_only=True)
class StatusPage(Vendor):
    posts: list[tuple[str, PublicUpdate]] = field(default_factory=list)

    def components(self) -> tuple[ComponentState, ...]:
        self._called("components")
        return (ComponentState(id="c1", name="Courses", status="operational"),)

    def subscribers(self) -> int | None:
        return 1204

    def find(self, marker: str) -> StatusPagePost | None:
        return None

    def publish(
        self, update: PublicUpdate, *, marker: str, post: StatusPagePost | None
    ) -> StatusPagePost:
        self._called("publish", marker)
        self.posts.append((marker, update))
        return StatusPagePost(id="sp1", address="https://status.example/1", status=update.status)


@dataclass(kw_only=True)
class Tracker(Vendor):
    name: str = "Jira"
    tickets: dict[str, str] = field(default_factory=dict)

    def find(self, marker: str) -> str | None:
        self._called("find", marker)
        return self.tickets.get(marker)

    def create(self, follow_up: FollowUp, *, incident: Summary, marker: str) -> str:
        self._called("create", marker)
        self.tickets[marker] = f"https://jira.example/OPS-{len(self.tickets) + 1}"
        return self.tickets[marker]

    def link(self, ticket: str, *, title: str, address: str) -> None:
        self._called("link", ticket, address)


@dataclass(kw_only=True)
class Forge(Vendor):
    comments: list[Comment] = field(default_factory=list)
    keepings: list[Keeping] = field(default_factory=list)
    kept: Kept | None = field(
        default_factory=lambda: Kept(address="https://github.example/pull/8")
    )
    done_with: bool = False

    def migrations_between(self, base: str, head: str) -> tuple[str, ...]:
        return ()

    def compare_address(self, base: str, head: str) -> str:
        return ""

    def pull_request(self, *, branch: str, title: str, body: str) -> str:
        self._called("pull_request", branch)
        return f"https://github.example/pull/{branch}"

    def comment(self, pull_request: str, comments: Sequence[Comment]) -> None:
        self._called("comment", pull_request)
        self.comments.extend(comments)

    def revert_pull_request(self, *, service: str, bad: str, good: str, reason: str) -> str:
        self._called("revert_pull_request", service, bad, good)
        return "https://github.example/pull/7"

    def keep(self, keeping: Keeping, *, doing: str) -> Kept | None:
        """Answered by what the test put there."""
        self.keepings.append(keeping)
        self._called("keep", keeping.marker)
        return self.kept

    def settled(self, address: str, *, doing: str) -> bool:
        self._called("settled", address)
        return self.done_with


@dataclass(kw_only=True)
class Archive(Vendor):
    drafts: list[Draft] = field(default_factory=list)

    def publish(self, draft: Draft) -> Published:
        self._called("publish", draft.path)
        self.drafts.append(draft)
        return Published(
            path=draft.path,
            branch=draft.branch,
            commit=f"c{len(self.drafts)}",
            text=draft.text,
            changed=True,
        )

    def read(self, branch: str, path: str) -> str:
        return self.drafts[-1].text


@dataclass(kw_only=True)
class Runbooks:
    """Answers with what it was given, and remembers the questions."""

    answer: Answer = field(default_factory=lambda: Answer(verdict=Verdict.NONE, matches=()))
    known: dict[str, Runbook] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)

    def search(self, query: Query) -> Answer:
        self.asked.append(query)
        return self.answer

    def read(self, path: str) -> Runbook | None:
        return self.known.get(path)

    def all(self) -> list[Runbook]:
        return list(self.known.values())


@dataclass(kw_only=True)
class OneByOne:
    """SideBySide without threads; what is named in `slow` never answers."""

    slow: set[str] = field(default_factory=set)

    def together(
        self, calls: Mapping[str, Callable[[], T]], *, deadline: timedelta
    ) -> Mapping[str, T | Failed | TooSlow]:
        found: dict[str, T | Failed | TooSlow] = {}
        for name, call in calls.items():
            try:
                found[name] = TooSlow(deadline) if name in self.slow else call()
            except VendorError as failed:
                found[name] = Failed(failed.why)
        return found
