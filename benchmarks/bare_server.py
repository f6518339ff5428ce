"""The floor of the webhook benchmark: checks the signature, stores nothing, answers 202."""

from __future__ import annotations

import hashlib
import hmac
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = b"pd-demo-webhook-secret"


async def webhook(request: Request) -> Response:
    wanted = hmac.new(SECRET, await request.body(), hashlib.sha256).hexdigest()
    given = request.headers.get("x-pagerduty-signature", "").removeprefix("v1=")
    return Response(status_code=202 if hmac.compare_digest(wanted, given) else 401)


if __name__ == "__main__":
    app = Starlette(routes=[Route("/webhooks/pagerduty", webhook, methods=["POST"])])
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
    )
