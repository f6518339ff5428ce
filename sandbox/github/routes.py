"""The table of contents of the simulated GitHub."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.github import actions, code, issues, pulls
from sandbox.github.access import Endpoint, route
from sandbox.github.seed import PLATFORM

REPO = "/repos/{owner}/{repo}"
ISSUE = REPO + "/issues/{number:int}"
PULL = REPO + "/pulls/{number:int}"
WORKFLOW = REPO + "/actions/workflows/{workflow}"

TABLE: list[tuple[str, str, str, Endpoint]] = [
    ("GET", "/user", "users.authenticated", issues.user),
    ("GET", "/users/{login}", "users.get", issues.user),
    ("GET", "/search/issues", "search.issues", issues.search),
    ("GET", REPO, "repos.get", code.repository),
    ("GET", REPO + "/compare/{basehead:path}", "repos.compare", code.compare),
    ("GET", REPO + "/commits", "commits.list", code.commits),
    ("GET", REPO + "/commits/{ref:path}", "commits.get", code.commit),
    ("GET", REPO + "/contents/{path:path}", "contents.get", code.content),
    ("PUT", REPO + "/contents/{path:path}", "contents.put", code.put_content),
    ("GET", REPO + "/branches/{branch:path}", "branches.get", code.branch),
    ("GET", REPO + "/git/ref/{ref:path}", "refs.get", code.ref),
    ("POST", REPO + "/git/refs", "refs.create", code.make_ref),
    ("PATCH", REPO + "/git/refs/{ref:path}", "refs.update", code.move_ref),
    ("DELETE", REPO + "/git/refs/{ref:path}", "refs.delete", code.delete_ref),
    ("GET", REPO + "/git/trees/{ref:path}", "trees.get", code.tree),
    ("GET", REPO + "/labels", "labels.list", issues.labels),
    ("POST", REPO + "/labels", "labels.create", issues.make_label),
    ("GET", REPO + "/issues", "issues.list", issues.listed),
    ("POST", REPO + "/issues", "issues.create", issues.create),
    ("GET", ISSUE, "issues.get", issues.one),
    ("PATCH", ISSUE, "issues.update", issues.edit),
    ("GET", ISSUE + "/comments", "issues.comments.list", issues.comments),
    ("POST", ISSUE + "/comments", "issues.comments.create", issues.comment),
    ("POST", ISSUE + "/labels", "issues.labels.add", issues.add_labels),
    ("GET", REPO + "/pulls", "pulls.list", pulls.listed),
    ("POST", REPO + "/pulls", "pulls.create", pulls.create),
    ("GET", PULL, "pulls.get", pulls.one),
    ("PATCH", PULL, "pulls.update", pulls.edit),
    ("GET", PULL + "/files", "pulls.files", pulls.files),
    ("GET", PULL + "/comments", "pulls.comments.list", pulls.review_comments),
    ("POST", PULL + "/comments", "pulls.comments.create", pulls.review_comment),
    ("POST", PULL + "/reviews", "pulls.reviews.create", pulls.review),
    ("PUT", PULL + "/merge", "pulls.merge", pulls.merge),
    ("POST", WORKFLOW + "/dispatches", "actions.dispatch", actions.dispatch),
    ("GET", WORKFLOW + "/runs", "actions.runs", actions.runs),
    ("GET", REPO + "/actions/runs/{run:int}/jobs", "actions.jobs", actions.jobs),
]


def routes(sim: Simulation) -> list[BaseRoute]:
    """Every endpoint, under the mount's prefix."""
    return [
        route(sim, path, name, method=method, endpoint=endpoint)
        for method, path, name, endpoint in TABLE
    ]


def control(sim: Simulation) -> list[BaseRoute]:
    """What a person does in GitHub's own pages: merge or close a pull request."""

    async def merge(request: Request) -> JSONResponse:
        said = await request.json()
        place = sim.github.places.get(said.get("repository", PLATFORM))
        pull = place.issues.get(said.get("number")) if place else None
        if place is None or place.code is None or pull is None or pull.head is None:
            return JSONResponse({"error": "no such pull request here"}, status_code=404)
        if pull.state != "open":
            return JSONResponse({"error": "already closed"}, status_code=409)
        pulls.squash(sim, place, pull, author=said.get("as", "kenji-demo"))
        return JSONResponse(pull.shown())

    return [Route("/github/merge", merge, methods=["POST"])]
