"""`make demo`: the real bot and the demo world beside it, on this machine alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

_KUBECONFIG = """apiVersion: v1
kind: Config
current-context: prod-eks-1
contexts: [{{name: prod-eks-1, context: {{cluster: demo, user: tocsin}}}}]
clusters: [{{name: demo, cluster: {{server: "{server}"}}}}]
users: [{{name: tocsin, user: {{token: {token}}}}}]
"""
_PATIENCE = 30.0
_GOODBYE = 6.0


@dataclass(frozen=True, kw_only=True)
class Ports:
    bot: int
    sandbox: int

    @property
    def world(self) -> str:
        return f"http://127.0.0.1:{self.sandbox}"

    @property
    def tocsin(self) -> str:
        return f"http://127.0.0.1:{self.bot}"


def run(environ: Mapping[str, str], *, fresh: bool = False) -> int:
    """Until Ctrl-C; leaves nothing running. 2 when a port is taken or something did not start."""
    ports = Ports(
        bot=int(environ.get("PORT") or 8300), sandbox=int(environ.get("SANDBOX_PORT") or 8400)
    )
    taken = [port for port in (ports.bot, ports.sandbox) if _taken(port)]
    if taken:
        _say(
            f"Port {taken[0]} is taken. Stop what uses it, or choose others:"
            " PORT=8301 SANDBOX_PORT=8401 make demo"
        )
        return 2
    fresh = fresh or environ.get("FRESH") == "1"
    folder = Path(environ.get("TOCSIN_DEMO_DIR") or ".demo")
    # Said for Ctrl-C too: who is started in the background inherits that it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    running: list[subprocess.Popen[bytes]] = []
    try:
        return _live(environ, ports, folder, running, fresh=fresh)
    except KeyboardInterrupt:
        return 0
    finally:
        # A second Ctrl-C may not leave one of the two behind.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop(running)
        _say("\nEverything is stopped. `make demo` goes on where you left; FRESH=1 starts anew.")


def _live(
    environ: Mapping[str, str],
    ports: Ports,
    folder: Path,
    running: list[subprocess.Popen[bytes]],
    *,
    fresh: bool,
) -> int:
    if fresh:
        _forget(folder / "bot")
    world = [sys.executable, "-m", "sandbox", "--port", str(ports.sandbox)]
    world += ["--bot-url", ports.tocsin, "--data-dir", str(folder / "demo")]
    world += ["--aws"] if environ.get("TOCSIN_DEMO_AWS") == "1" else []
    running.append(_start([*world, *(["--fresh"] if fresh else [])], environ))
    if not _answers(f"{ports.world}/_sandbox/clock", running):
        return _broken("The demo world")
    bot = [sys.executable, "app.py", "serve", "--host", "127.0.0.1"]
    known = {**settings(ports, folder), **of_cluster(ports, folder)}
    known |= of_account(ports) if environ.get("TOCSIN_DEMO_AWS") == "1" else {}
    # A profile of yours would be looked for in files that are not read here.
    yours = {name: value for name, value in environ.items() if name != "AWS_PROFILE"}
    running.append(_start(bot, {**yours, **known}))
    if not _answers(f"{ports.tocsin}/readyz", running):
        return _broken("The bot")
    _say(
        f"\n  Open  {ports.world}\n\n"
        f"  The demo world is at {ports.world}, the bot and its dashboard at {ports.tocsin}.\n"
        "  Nothing leaves this machine. Ctrl-C stops both.\n"
    )
    while all(process.poll() is None for process in running):
        time.sleep(0.3)
    return _broken("One of the two")


def settings(ports: Ports, folder: Path) -> dict[str, str]:
    """What makes the real bot live in the demo world: base URLs and its clock, nothing else."""
    world = ports.world
    return {
        "PORT": str(ports.bot),
        **of_slack(ports),
        "PAGERDUTY_API_TOKEN": "pd-demo-token",
        "PAGERDUTY_FROM_EMAIL": "tocsin@demo.example",
        "PAGERDUTY_WEBHOOK_SECRETS": "pd-demo-webhook-secret",
        "PAGERDUTY_API_URL": f"{world}/pagerduty",
        "CHANGES_WEBHOOK_SECRETS": "changes-demo-secret",
        "STATUSPAGE_API_URL": f"{world}/statuspage/v1",
        "STATUSPAGE_API_KEY": "sp-demo-key",
        "STATUSPAGE_PAGE_ID": "demo-page",
        "JIRA_URL": f"{world}/jira",
        "JIRA_EMAIL": "tocsin@demo.example",
        "JIRA_API_TOKEN": "jira-demo-token",
        "JIRA_PROJECT": "OPS",
        "GITHUB_API_URL": f"{world}/github",
        "GITHUB_TOKEN": "gh-demo-token",
        "GITHUB_REPO": "demo/platform",
        "GITHUB_TERRAFORM_REPO": "demo/infrastructure",
        "NEWRELIC_API_URL": f"{world}/newrelic/graphql",
        "NEWRELIC_API_KEY": "nr-demo-key",
        "NEWRELIC_ACCOUNT_ID": "1234567",
        "ARGOCD_PRODUCTION_URL": f"{world}/argocd",
        "ARGOCD_PRODUCTION_TOKEN": "argo-demo-token",
        "REGISTRY_URL": f"{world}/registry",
        "REGISTRY_PASSWORD": "registry-demo-password",
        "POSTMORTEM_REPO": str((folder / "demo" / "postmortems.git").absolute()),
        "DATABASE_URL": "",
        "TOCSIN_DATA_DIR": str(folder / "bot"),
        "TOCSIN_CLOCK_URL": f"{world}/_sandbox/clock",
        "TOCSIN_ALLOW_VOLATILE_DISK": "1",
        "TOCSIN_MODE": "act",
    }


def of_slack(ports: Ports) -> dict[str, str]:
    """The workspace, and the dashboard: open, with a sign-in for whoever wants to be somebody."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_SIGNING_SECRET": "demo-signing-secret",
        "SLACK_API_URL": f"{ports.world}/slack/api/",
        "SLACK_CLIENT_ID": "1111111111.2222222222",
        "SLACK_CLIENT_SECRET": "slack-demo-client-secret",
        "TOCSIN_DASHBOARD": "open",
        "TOCSIN_URL": ports.tocsin,
        "TOCSIN_SESSION_SECRET": "a-demo-secret-that-opens-nothing-else",
    }


def of_cluster(ports: Ports, folder: Path) -> dict[str, str]:
    """The cluster that the demo world plays, by a kubeconfig of its own."""
    path = (folder / "kubeconfig").absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        _KUBECONFIG.format(server=f"{ports.world}/kubernetes", token="k8s-demo-token"),
        encoding="utf-8",
    )
    return {"KUBECONFIG_PRODUCTION": str(path)}


def of_account(ports: Ports) -> dict[str, str]:
    """The account that the demo world plays: keys that open nothing else, and no file of yours."""
    return {
        "AWS_PRODUCTION_ROLE_ARN": "arn:aws:iam::111111111111:role/tocsin",
        "AWS_PRODUCTION_ENDPOINT": f"{ports.world}/aws",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _start(command: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches only us, and we stop both in order.
    return subprocess.Popen(command, env=dict(environ), start_new_session=True)


def _answers(url: str, running: list[subprocess.Popen[bytes]]) -> bool:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and running[-1].poll() is None:
        try:
            if httpx.get(url, timeout=2.0).is_success:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    return False


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    """The bot first, so that it can hand over while the world still answers."""
    for process in reversed(running):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_GOODBYE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _forget(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def _broken(what: str) -> int:
    _say(f"{what} did not stay up; its own words are above.")
    return 2


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stdout.write(text + os.linesep)
    sys.stdout.flush()
