"""The page on which Slack asks whether an app may learn who one is; here one chooses who that is."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.slack.openid import consent, wrong_with
from sandbox.ui.render.pages import page
from sandbox.ui.routes import HEADERS
from sandbox.ui.screen import Screen

PATH = "/slack/openid/connect/authorize"


def routes(sim: Simulation) -> list[BaseRoute]:
    """Before the prefix of Slack, whose other addresses are for programs."""

    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        chosen = asked.pop("as", "")
        if wrong := wrong_with(sim, asked):
            return _page(request, sim, {}, wrong=wrong)
        if chosen == "nobody":
            return _back(asked, error="access_denied")
        person = sim.slack.person(chosen) if chosen else None
        if person is None or person.is_bot or person.deleted:
            return _page(request, sim, asked)
        return _back(asked, code=consent(sim, person, asked))

    return [Route(PATH, authorize)]


def _back(asked: dict[str, str], **told: str) -> Response:
    query = urlencode({**told, "state": asked.get("state", "")})
    return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302, headers=HEADERS)


def _page(
    request: Request, sim: Simulation, asked: dict[str, str], *, wrong: str = ""
) -> Response:
    people = Screen(sim, next(iter(sim.slack.people.values()))).people()
    theme = request.cookies.get("theme", "")
    drawn = page(
        "authorize.html",
        theme=theme if theme in ("light", "dark") else "",
        wrong=wrong,
        people=[
            {
                "who": Screen(sim, each).author(each.id),
                "title": each.title,
                "team": sim.slack.teams[each.team_id].name,
                "href": f"?{urlencode({**asked, 'as': each.id})}",
            }
            for each in people
        ],
        cancel=f"?{urlencode({**asked, 'as': 'nobody'})}",
    )
    return HTMLResponse(drawn, 400 if wrong else 200, headers=HEADERS)
