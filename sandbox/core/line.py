"""The server's end of a connection, so that a fault can cut it the way a network would."""

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "sandbox.line"


class Line(HttpToolsProtocol):
    """uvicorn's protocol, with its transport handed to the application."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # asyncio sets this only for sockets made with an explicit protocol; without it every
        # answer waits 40 ms for the other side's delayed acknowledgement.
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope.setdefault("extensions", {})[EXTENSION] = self.transport  # type: ignore


async def hang_up(scope: Scope, *, reset: bool = False) -> None:
    """Close the connection without (the rest of) an answer; `reset` sends a TCP reset."""
    transport: Any = scope.get("extensions", {}).get(EXTENSION)
    if transport is None:
        raise RuntimeError("cutting a connection needs `sandbox.core.line.Line` as protocol")
    if reset and (raw := transport.get_extra_info("socket")) is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort() if reset else transport.close()
    # uvicorn learns of the loss at the next turn; before that it would still send a 500.
    for _ in range(3):
        await asyncio.sleep(0)


def hang_up_stream(connection: Any) -> None:
    """Close a connection whose answer is still being streamed; others may finish theirs."""
    cycle = getattr(connection, "cycle", None)
    if cycle is not None and cycle.response_started and not cycle.response_complete:
        connection.transport.close()
