"""`python -m sandbox`: starts the demo world and says where it is."""

import argparse
import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import uvicorn

from sandbox import systems
from sandbox.app import build
from sandbox.core import persist
from sandbox.core.line import Line, hang_up_stream
from sandbox.core.simulation import Settings, Simulation

HOST = "127.0.0.1"
FAREWELL = 1
"""Seconds that open connections get when the demo world stops."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = _given(arguments)
    settings = _settings(given)
    sim = systems.simulate(settings)
    if settings.data_dir is not None:
        if given.fresh:
            persist.forget(settings.data_dir)
        persist.resume(sim, settings.data_dir)
    door = _door(settings.port)
    if door is None:
        _say(f"Port {settings.port} is taken: choose another one with --port.")
        return 2
    config = uvicorn.Config(
        build(sim),
        http=Line,
        log_level="warning",
        timeout_graceful_shutdown=FAREWELL,
        access_log=False,
    )
    server = Server(config, sim)
    _say(f"The demo world is at {settings.url}")
    with door, contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[door])
    return 0


class Server(uvicorn.Server):
    """uvicorn, ending quietly: streams are hung up, long polls answered, nothing is raised."""

    def __init__(self, config: uvicorn.Config, sim: Simulation):
        super().__init__(config)
        self.sim = sim

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Whatever is cut from here on was meant to be; it is not worth a line.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self.sim.clock.wake()
        for connection in list(self.server_state.connections):
            hang_up_stream(connection)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self.handle_exit, each, None)
        yield


def _door(port: int) -> socket.socket | None:
    """The listening socket; None when somebody else has the port."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
    except OSError as wrong:
        door.close()
        if wrong.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return door


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--bot-url", default="http://127.0.0.1:8300")
    parser.add_argument(
        "--slack-latency",
        type=float,
        default=0,
        metavar="MS",
        help="real milliseconds that each Slack call takes (no other vendor's)",
    )
    parser.add_argument("--data-dir", type=Path, help="where the world is kept between runs")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run left")
    parser.add_argument("--paused", action="store_true", help="start with the clock standing")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="rate limits on (the default) or off",
    )
    parser.add_argument(
        "--aws", action="store_true", help="play AWS too (needs the extra sandbox-aws)"
    )
    return parser.parse_args(arguments)


def _settings(given: argparse.Namespace) -> Settings:
    return Settings(
        port=given.port,
        bot_url=given.bot_url.rstrip("/"),
        slack_latency=timedelta(milliseconds=given.slack_latency),
        data_dir=given.data_dir,
        strict=given.strict,
        start_paused=given.paused,
        aws=given.aws,
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
