"""The addresses of the dashboard. What reads the store is a plain function: it runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from bot.domain.slo import ObjectiveStatus
from bot.flow.figures import age
from bot.flow.objectives import hours_of, statuses
from bot.tools import Tools
from bot.web.dashboard import api, response
from bot.web.dashboard import incidents as shown
from bot.web.dashboard import insights as lessons
from bot.web.dashboard.chart import HEIGHT, Chart, Line, chart, span
from bot.web.dashboard.drawing import HEADERS, Assets, entrance, page
from bot.web.dashboard.eyes import Eyes, eyes_of
from bot.web.dashboard.holds import holds, lately_overridden, overridden
from bot.web.dashboard.library import shelf
from bot.web.dashboard.live import FRONT, Live, Place, look_as
from bot.web.dashboard.map import service_map
from bot.web.dashboard.sides import apart
from bot.web.dashboard.sign_in import door, reader_of, to_sign_in
from bot.web.dashboard.table import groups, row, worst
from bot.web.dashboard.words import plain
from bot.web.house import House

_OFF = (
    "The dashboard is off: set TOCSIN_DASHBOARD to sign-in (for people of your Slack workspace) or"
    " to open (for everybody who reaches this port)."
)

Page = Callable[[Request, Tools], Response]


def routes(house: House) -> list[BaseRoute]:
    def marks(places: frozenset[Place]) -> dict[Place, Hashable]:
        return look_as(house.tools, places) if house.tools is not None else {}

    async def events(request: Request) -> Response:
        if not house.dashboard:
            return PlainTextResponse(f"{_OFF}\n", status_code=404, headers=HEADERS)
        if live.full:
            return PlainTextResponse("too many look already\n", status_code=503, headers=HEADERS)
        reader = await run_in_threadpool(reader_of, house, request)
        if reader is None:
            return PlainTextResponse("sign in first\n", status_code=401, headers=HEADERS)
        place = Place(request.query_params.get("incident", FRONT), reader.eyes)
        told = live.events(request, place, may=reader.still)
        return StreamingResponse(told, media_type="text/event-stream", headers=HEADERS)

    live: Live[Place] = Live(marks)
    return [
        Route("/", _page(front)),
        Route("/incidents/{id}", _page(incident)),
        Route("/map", _page(service_map)),
        Route("/insights", _page(insights)),
        Route("/events", events),
        *door(house),
        Route("/api/objectives", api.asked(api.objectives)),
        Route("/api/incidents", api.asked(api.incidents)),
        Route("/api/openapi.json", api.document),
        Mount("/static", Assets()),
    ]


def front(request: Request, tools: Tools) -> Response:
    """`?objective=` chooses whose budget is drawn, `?line=rolling` how."""
    eyes = eyes_of(request)
    found = statuses(tools)
    line = Line.ROLLING if request.query_params.get("line") == Line.ROLLING else Line.CUMULATIVE
    chosen = _chosen(found, request.query_params.get("objective", ""))
    return page(
        "front.html",
        at="now",
        now=tools.clock.now(),
        groups=groups(found, tools.catalog),
        incidents=shown.opened(tools, eyes),
        holds=holds(tools, found),
        overrides=lately_overridden(tools),
        chosen=row(chosen) if chosen else None,
        sides=apart(tools, chosen) if chosen else (),
        chart=_burn_down(tools, chosen, line, eyes) if chosen else None,
        line=line,
        height=HEIGHT,
        events="/events",
    )


def insights(request: Request, tools: Tools) -> Response:
    now = tools.clock.now()
    every = lessons.every(tools, eyes_of(request))
    found = lessons.lately(every, now)
    return page(
        "insights.html",
        at="insights",
        now=now,
        count=len(found),
        days=lessons.DAYS,
        durations=lessons.durations(found),
        nights=lessons.sleepless(tools, found),
        standing=lessons.standing(tools, every),
        to_do=lessons.to_do(tools, found, now.date()),
        overdue=lessons.overdue(found, now.date()),
        shelf=shelf(tools, every, found),
        overrides=overridden(tools, found),
    )


def incident(request: Request, tools: Tools) -> Response:
    eyes = eyes_of(request)
    found = shown.one(tools, request.path_params["id"], eyes)
    if found is None or not eyes.read(found):
        return page("missing.html", status=404, now=tools.clock.now())
    now = tools.clock.now()
    assert found.opened_at is not None
    return page(
        "incident.html",
        now=now,
        incident=found,
        title=plain(found.title, tools.catalog),
        impact=plain(found.updates[-1][2].impact, tools.catalog) if found.updates else "",
        service=shown.label(tools.catalog, found),
        lasted=age((found.resolved_at or now) - found.opened_at),
        channel=shown.channel(found.team_id, found.channel),
        days=shown.story(tools, found),
        mitigations=response.mitigations(tools, found),
        suspects=response.suspects(tools, found),
        roles=response.roles(found),
        leftovers=response.leftovers(tools, found),
        follow_ups=response.follow_ups(tools, found),
        postmortem=response.postmortem(found),
        events=f"/events?incident={found.id}",
    )


def _page(shows: Page) -> Callable[[Request], Response]:
    """Where it is switched on, and once the bot has its parts."""

    def answered(request: Request) -> Response:
        house: House = request.app.state.house
        if not house.dashboard:
            return _off(request, house)
        tools = house.tools
        if tools is None:
            return page("starting.html", status=503, unready=house.unready())
        reader = reader_of(house, request)
        if reader is None:
            return to_sign_in(house, request)
        request.state.eyes = reader.eyes
        entrance.set(reader.entrance)
        return shows(request, tools)

    return answered


def _off(request: Request, house: House) -> Response:
    if request.url.path != "/":
        return PlainTextResponse(f"{_OFF}\n", status_code=404, headers=HEADERS)
    unready = house.unready()
    state = "ready" if not unready else f"not ready: {'; '.join(unready)}"
    said = f"Tocsin is {state}. See /readyz and /metrics.\n{_OFF}\n"
    return PlainTextResponse(said, headers=HEADERS)


def _chosen(found: list[ObjectiveStatus], name: str) -> ObjectiveStatus | None:
    asked = (each for each in found if each.objective.name == name and each.objective.has_budget)
    return next(asked, None) or worst(found)


def _burn_down(tools: Tools, of: ObjectiveStatus, line: Line, eyes: Eyes) -> Chart | None:
    if of.until is None:
        return None
    objective, over = of.objective, span(of.objective, of.until)
    before = objective.window if line is Line.ROLLING else over.since - over.since
    hours = hours_of(tools, objective, since=over.since - before)
    happened = shown.during(tools, objective, over, eyes)
    return chart(objective, hours, over, line=line, incidents=happened)
