"""moto in a process of its own: started with the world, asked one thing at a time, ended with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from typing import Any

import aiohttp

ACCOUNT = "111111111111"
_PATIENCE = 60.0
_FAREWELL = 5.0


class Moto:
    """`ready` once its account stands; steering waits for its turn."""

    def __init__(self, world: str, http: aiohttp.ClientSession) -> None:
        self.world, self.http = world, http
        self.address = ""
        self.ready = asyncio.Event()
        self.turn = asyncio.Lock()
        self.wanted: dict[str, Any] = {}
        """By path: what the world wants and moto was not told yet."""
        self._process: Process | None = None

    async def begin(self) -> None:
        """Once; raises RuntimeError where it does not start."""
        if self._process is not None:
            return
        command = ("-W", "ignore", "-m", "sandbox.aws", "--port", "0", "--world", self.world)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        said = await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE)
        self.address = said.decode().strip()
        if not self.address:
            raise RuntimeError("moto did not start: is the extra sandbox-aws installed?")

    async def ask(self, what: str, now: float, body: Mapping[str, Any] | None = None) -> Any:
        given = {**(body or {}), "now": now}
        async with self.http.post(f"{self.address}/_aws/{what}", json=given) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), _FAREWELL)
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
