"""The door of the Web API: who calls, whether they may, how fast, and then the method itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.slack import openid
from sandbox.slack.documented import METHODS as DOCUMENTED
from sandbox.slack.documented import NO_JSON, UNKNOWN_METHOD, allowed
from sandbox.slack.hooks import respond
from sandbox.slack.methods import chat, conversations, files, history, marks, views, workspace
from sandbox.slack.methods.finding import Function
from sandbox.slack.pace import spend
from sandbox.slack.scopes import FAMILIES, kind, missing, workspace_grant
from sandbox.slack.shown import file as shown_file
from sandbox.slack.wire import (
    Call,
    RateLimited,
    SlackError,
    answer,
    arguments,
    refusal,
    token,
    too_many,
)

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

FUNCTIONS: dict[str, Function] = {
    **workspace.METHODS,
    **conversations.METHODS,
    **history.METHODS,
    **chat.METHODS,
    **views.METHODS,
    **marks.METHODS,
    **files.METHODS,
    **openid.METHODS,
}


class Undocumented(AssertionError):
    """The simulator was about to answer an error that Slack does not document."""


def routes(sim: Simulation) -> list[BaseRoute]:
    async def web_api(request: Request) -> Response:
        return await _answer(sim, request)

    async def upload(request: Request) -> Response:
        return await _upload(sim, request)

    async def download(request: Request) -> Response:
        return _download(sim, request)

    async def hook(request: Request) -> Response:
        return await respond(sim, request)

    both = ["GET", "POST"]
    return [
        Route("/api/{method:str}", web_api, methods=both),
        Route("/upload/{file:str}", upload, methods=["POST", "PUT"], name="upload"),
        Route("/files/{file:str}", download, methods=["GET"], name="download"),
        Route("/hooks/{hook:str}", hook, methods=["POST"], name="response_url"),
        *openid.routes(sim),
    ]


async def _answer(sim: Simulation, request: Request) -> JSONResponse:
    method = request.path_params["method"]
    try:
        args = await arguments(request, json_too=method not in NO_JSON)
        bearer = token(request, args)
        known = {**args, "token": bearer} if method in openid.OWN_WAY else args
        call = Call(sim=sim, method=method, args=known)
        _admit(call, bearer)
        body = FUNCTIONS[method](call)
    except SlackError as error:
        if not allowed(method, error.error):
            raise Undocumented(f"{method} does not document {error.error}") from error
        return refusal(error)
    except RateLimited as error:
        return too_many(error)
    scopes = workspace_grant(sim).scopes
    return answer(body, scopes=",".join(sorted(scopes)) if scopes else "")


def _admit(call: Call, bearer: str | None) -> None:
    if call.method not in FUNCTIONS:
        raise SlackError(UNKNOWN_METHOD, req_method=call.method)
    if call.method != "api.test" and call.method not in openid.OWN_WAY:
        if not bearer:
            raise SlackError("not_authed")
        if bearer != call.sim.settings.slack_bot_token:
            raise SlackError("invalid_auth")
    _check_scope(call)
    # A call that Slack throttles is throttled before it is looked at any closer.
    spend(call.sim, call.method, call.text("channel"))
    absent = [name for name in DOCUMENTED[call.method].required if name not in call.args]
    if absent:
        messages = [f"[ERROR] missing required field: {name}" for name in absent]
        raise SlackError("invalid_arguments", response_metadata={"messages": messages})


def _check_scope(call: Call) -> None:
    scopes = DOCUMENTED[call.method].scopes
    if scopes in FAMILIES and call.method in ("conversations.list", "users.conversations"):
        return  # asks for one scope per type, in the method itself
    grant = workspace_grant(call.sim)
    needed = missing(grant, scopes, _conversation(call))
    if needed:
        provided = ",".join(sorted(grant.scopes or ()))
        raise SlackError("missing_scope", needed=needed, provided=provided)


def _conversation(call: Call) -> str:
    found = call.state.channels.get(call.text("channel") or call.text("channel_id"))
    if found is not None:
        return kind(found)
    return "private" if call.flag("is_private") else "public"


async def _upload(sim: Simulation, request: Request) -> Response:
    found = sim.slack.files.get(request.path_params["file"])
    if found is None or found.complete:
        return PlainTextResponse("no such upload", status_code=404)
    content = await _bytes(request)
    if len(content) != found.length:
        text = f"expected {found.length} bytes, got {len(content)}"
        return PlainTextResponse(text, status_code=400)
    found.content = content
    return PlainTextResponse(f"OK - {len(content)}")


async def _bytes(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    form: Mapping[str, Any] = await request.form()
    sent = form.get("file") or form.get("filename")
    return await sent.read() if hasattr(sent, "read") else b""


def _download(sim: Simulation, request: Request) -> Response:
    found = sim.slack.files.get(request.path_params["file"])
    if found is None or found.content is None:
        return PlainTextResponse("no such file", status_code=404)
    # Never as HTML: an uploaded page must not run on the screens' origin.
    sort = shown_file(found)["mimetype"]
    safe = sort if sort.startswith("image/") and sort != "image/svg+xml" else "text/plain"
    headers = {"x-content-type-options": "nosniff"}
    return Response(found.content, media_type=safe, headers=headers)
