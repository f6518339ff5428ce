"""The one object every simulated system is given: settings, time, log, faults, and all state."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.core.changes import Broadcast
from sandbox.core.clock import Clock
from sandbox.core.faults import Faults
from sandbox.core.idle import Idle
from sandbox.core.traffic import Traffic
from sandbox.world.world import World


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this run of the demo world was started, and the demo's (worthless) secrets."""

    port: int = 8400
    bot_url: str = "http://127.0.0.1:8300"
    slack_latency: timedelta = timedelta()
    data_dir: Path | None = None
    strict: bool = True
    """Rate tiers on; the size, name and scope checks of each vendor are always on."""
    start_paused: bool = False
    seed: int = 7
    slack_bot_token: str = "xoxb-demo"
    slack_signing_secret: str = "demo-signing-secret"
    slack_client_id: str = "1111111111.2222222222"
    slack_client_secret: str = "slack-demo-client-secret"
    slack_redirect: str = "/sign-in/callback"
    """Behind the bot's address: where the app lets browsers come back to."""
    slack_manifest: Path | None = Path(__file__).parents[2] / "slack-manifest.yaml"
    """What the workspace granted; everything when None."""
    pagerduty_token: str = "pd-demo-token"
    pagerduty_webhook_secret: str = "pd-demo-webhook-secret"
    statuspage_page: str = "demo-page"
    statuspage_key: str = "sp-demo-key"
    jira_project: str = "OPS"
    jira_email: str = "tocsin@demo.example"
    jira_token: str = "jira-demo-token"
    github_repo: str = "demo/platform"
    github_token: str = "gh-demo-token"
    newrelic_account: int = 1234567
    newrelic_key: str = "nr-demo-key"
    argocd_token: str = "argo-demo-token"
    registry_user: str = "tocsin"
    registry_password: str = "registry-demo-password"
    kubernetes_token: str = "k8s-demo-token"
    aws: bool = False
    """Whether AWS is played too, by moto in a process of its own."""

    @property
    def url(self) -> str:
        """The demo world's own address."""
        return f"http://127.0.0.1:{self.port}"


class Simulation:
    """Made by `sandbox.systems.simulate(settings)`; everything runs on one event loop.

    A system reaches its state as `sim.slack`, `sim.pagerduty`, ... and never keeps it, because
    a reset puts a fresh one in place. States are pickled: no locks, tasks or callbacks inside.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.clock = Clock(paused=settings.start_paused)
        self.traffic = Traffic(self.clock.now)
        self.faults = Faults()
        self.idle = Idle()
        self.changes = Broadcast()
        self.world = World(clock=self.clock, seed=settings.seed)
        self.serials: dict[str, int] = {}
        self.generation = 0
        """Grows with every reset: a task that began before one may notice and stop."""
        self.slack: Any = None
        self.pagerduty: Any = None
        self.argocd: Any = None
        self.newrelic: Any = None
        self.statuspage: Any = None
        self.jira: Any = None
        self.github: Any = None
        self.git: Any = None
        self.registry: Any = None
        self.kubernetes: Any = None
        self.aws: Any = None
        self.moto: Any = None
        """The process that plays AWS; None where it is not played."""
        self._http: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def serial(self, what: str) -> int:
        """The next number of a kind; never repeats, not even after a reset.

        Build ids from it: the bot is not reset with the world, and an id seen twice would
        look to it like the same thing coming back.
        """
        self.serials[what] = self.serials.get(what, 0) + 1
        return self.serials[what]

    @property
    def http(self) -> aiohttp.ClientSession:
        """For deliveries to the bot; opened with the loop, closed by `close`."""
        if self._http is None:
            # A new connection each time: a pooled one may belong to a bot that was killed since,
            # and a click must not be lost to that. No cookie travels between deliveries.
            self._http = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(force_close=True, limit=0),
            )
        return self._http

    def spawn(self, work: Coroutine[Any, Any, Any], what: str) -> "asyncio.Task[Any]":
        """Run in the background, counted as under way until done."""
        task = asyncio.get_running_loop().create_task(self._counted(work, what))
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def close(self) -> None:
        self.clock.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.moto is not None:
            await self.moto.stop()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _counted(self, work: Coroutine[Any, Any, Any], what: str) -> Any:
        with self.idle.work(what):
            return await work

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a background task failed", "exception": error}
            )
