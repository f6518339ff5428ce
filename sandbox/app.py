"""One Starlette application that plays every outside system on one port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import control, systems, ui
from sandbox.core import persist
from sandbox.core.simulation import Simulation
from sandbox.core.vendor import Vendor
from sandbox.ui import authorize

HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def build(sim: Simulation) -> Starlette:
    """Every vendor under its prefix, the control API under /_sandbox, the screens at /."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sim.clock.start()
        systems.start(sim)
        folder = sim.settings.data_dir
        keeper = asyncio.create_task(persist.keep(sim, folder)) if folder else None
        yield
        if keeper is not None and folder is not None:
            keeper.cancel()
            persist.save(sim, folder)
        await sim.close()

    routes: list[BaseRoute] = authorize.routes(sim)
    routes += [
        Mount(f"/{name}", app=Vendor(sim, name, each.routes(sim)))
        for name, each in systems.SYSTEMS.items()
    ]
    routes.append(Mount("/_sandbox", routes=control.routes(sim)))
    routes.extend(ui.routes(sim))
    sim.world.keep_listeners()
    # Only this machine's own names: a web page elsewhere must not reach in by DNS rebinding.
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    return Starlette(routes=routes, middleware=[guard, Middleware(Bare)], lifespan=lifespan)


class Bare:
    """A vendor's address without its last slash is the same door: clients follow no redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].removeprefix("/") in systems.SYSTEMS:
            scope = {**scope, "path": f"{scope['path']}/"}
        await self.app(scope, receive, send)
