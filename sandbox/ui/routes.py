"""The addresses of the screens: pages and fragments to read, and what people do."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.core.simulation import Simulation
from sandbox.slack.state import Channel
from sandbox.ui import manifest, panels, panes, stream
from sandbox.ui.actions import Unknown, act, steer
from sandbox.ui.render.pages import page
from sandbox.ui.screen import Screen

STATIC = Path(__file__).parent / "static"
# No script, style or picture from anywhere else, and no inline script even if escaping failed.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
Endpoint = Callable[[Request], Awaitable[Response]]


class Screens:
    """The endpoints; each looks through the eyes of the person named by `?as=`."""

    def __init__(self, sim: Simulation):
        self.sim = sim

    def screen(self, request: Request) -> Screen:
        person = self.sim.slack.person(request.query_params.get("as") or "ana")
        if person is None or person.is_bot:
            raise HTTPException(404, "Nobody of that name works here.")
        return Screen(self.sim, person)

    def channel(self, request: Request, screen: Screen) -> Channel:
        wanted = request.query_params.get("channel") or "incidents"
        found: Channel | None = self.sim.slack.channel(wanted)
        if found is None or not screen.sees(found):
            found = next(iter(screen.channels()), None)
        if found is None:
            raise HTTPException(404, "There is no channel to show.")
        return found

    async def front(self, request: Request) -> Response:
        screen = self.screen(request)
        at_home = "home" in request.query_params
        channel = None if at_home else self.channel(request, screen)
        if at_home:
            await act(self.sim, "home", {"as": screen.me.id})
        thread = request.query_params.get("thread") or ""
        theme = request.cookies.get("theme", "")
        return html(panes.front(screen, channel, thread=thread, theme=theme))

    async def pane(self, request: Request) -> Response:
        screen = self.screen(request)
        return html(panes.channel_pane(screen, self.channel(request, screen)))

    async def edges(self, request: Request) -> Response:
        screen = self.screen(request)
        return html(panes.channel_edges(screen, self.channel(request, screen)))

    async def thread(self, request: Request) -> Response:
        screen = self.screen(request)
        ts = request.query_params.get("ts", "")
        return html(panes.thread_pane(screen, self.channel(request, screen), ts))

    async def sidebar(self, request: Request) -> Response:
        screen = self.screen(request)
        channel = None if "home" in request.query_params else self.channel(request, screen)
        return html(panes.sidebar(screen, channel))

    async def home(self, request: Request) -> Response:
        screen = self.screen(request)
        if "opened" in request.query_params:
            await act(self.sim, "home", {"as": screen.me.id})
        return html(screen.home())

    async def modal(self, request: Request) -> Response:
        return html(self.screen(request).modal())

    async def panel(self, request: Request) -> Response:
        return html(panels.panel(self.sim, request.path_params["tab"]))

    async def records(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        found = panels.newest(self.sim, int(after) if after.isdigit() else 0)
        drawn = Markup("").join(page("record.html", r=r) for r in reversed(found))
        last = found[-1].n if found else 0
        return JSONResponse({"html": drawn, "last": last}, headers=HEADERS)

    async def exchange(self, request: Request) -> Response:
        found = panels.exchange(self.sim, request.path_params["n"])
        if found is None:
            raise HTTPException(404, "That exchange is no longer in the log.")
        return html(found)

    async def words(self, request: Request) -> Response:
        """What the composer offers: the command's verbs and the app's global shortcuts."""
        offered = [(s.callback_id, s.name) for s in manifest.shortcuts() if s.type == "global"]
        body = {"command": "/incident", "verbs": manifest.SUBCOMMANDS, "shortcuts": offered}
        return JSONResponse(body, headers=HEADERS)

    async def events(self, request: Request) -> Response:
        flow = stream.events(self.sim, self.screen(request), request)
        return StreamingResponse(flow, media_type="text/event-stream", headers=HEADERS)

    async def archive(self, request: Request) -> Response:
        """A permalink: the message in its channel, or in its thread."""
        channel, packed = request.path_params["channel"], request.path_params["packed"]
        ts = f"{packed[1:-6]}.{packed[-6:]}"
        thread = request.query_params.get("thread_ts", "")
        more = f"&thread={thread}" if thread.replace(".", "").isdigit() else ""
        known = self.sim.slack.channel(channel)
        return RedirectResponse(f"/?channel={known.id if known else ''}{more}#m{ts}")

    async def act(self, request: Request) -> Response:
        body = await sent(request)
        answer = await act(self.sim, request.path_params["verb"], body)
        return JSONResponse(answer, headers=HEADERS)

    async def steer(self, request: Request) -> Response:
        body = await sent(request)
        answer = await steer(self.sim, request.path_params["what"], body)
        return JSONResponse(answer, headers=HEADERS)


async def sent(request: Request) -> dict[str, object]:
    """The JSON body. Its content type is what keeps pages of other origins from posting here."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "Send JSON.")
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise HTTPException(400, "That is not JSON.") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "Send a JSON object.")
    return body


def html(found: Markup) -> HTMLResponse:
    return HTMLResponse(found, headers=HEADERS)


def routes(sim: Simulation) -> list[BaseRoute]:
    """Mounted at the root by the sandbox's app, after every system's own prefix."""
    screens = Screens(sim)
    pages: dict[str, Endpoint] = {
        "/": screens.front,
        "/archives/{channel}/{packed}": screens.archive,
        "/ui/channel": screens.pane,
        "/ui/edges": screens.edges,
        "/ui/thread": screens.thread,
        "/ui/sidebar": screens.sidebar,
        "/ui/home": screens.home,
        "/ui/modal": screens.modal,
        "/ui/panel/{tab}": screens.panel,
        "/ui/records": screens.records,
        "/ui/exchange/{n:int}": screens.exchange,
        "/ui/words": screens.words,
        "/ui/events": screens.events,
    }
    found: list[BaseRoute] = [Route(path, told(page)) for path, page in pages.items()]
    found.append(Route("/ui/act/{verb}", told(screens.act), methods=["POST"]))
    found.append(Route("/ui/world/{what}", told(screens.steer), methods=["POST"]))
    found.append(Mount("/ui/static", app=StaticFiles(directory=STATIC)))
    return found


def told(endpoint: Endpoint) -> Endpoint:
    """Says in words what was wrong with a request, so that a toast can show it."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Unknown as unknown:
            return JSONResponse({"ok": False, "error": str(unknown)}, 400, headers=HEADERS)

    return answer
