"""Runs the helm program: what it does to a release nobody else does faithfully."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml

from bot.domain.errors import Refused
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.kubeconfig import Door
from bot.reactions import outside_decisions

HISTORY = 10
_GRACE = timedelta(seconds=10)
"""Beyond Helm's own patience, before it is ended."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """`late`: it was ended because it took too long, and nobody knows how far it came."""

    well: bool
    said: str
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Helm:
    """`patience` is for its hooks; rollouts are watched by ourselves, and not waited for."""

    program: str = "helm"
    patience: timedelta = timedelta(minutes=2)

    def refuse_missing(self, by_hand: str) -> None:
        if shutil.which(self.program) is None:
            raise Refused(
                f"The program {self.program} is not installed where Tocsin runs. {by_hand}"
            )

    def roll_back(
        self, api: Api, release: str, number: int, *, namespace: str, doing: str
    ) -> Ended:
        """Always to a named revision: without one Helm would take the one before, bad or not."""
        outside_decisions()
        api.gate.allow(doing)
        seconds = round(self.patience.total_seconds())
        with _kubeconfig(api.door()) as (file, context), tempfile.TemporaryDirectory() as home:
            line = [
                *("env", "HELM_DRIVER=secret", f"HELM_PLUGINS={home}", f"HELM_CACHE_HOME={home}"),
                *(self.program, "rollback", release, str(number)),
                *("--namespace", namespace, "--kubeconfig", str(file)),
                *(("--kube-context", context) if context else ()),
                *("--timeout", f"{seconds}s", "--cleanup-on-fail"),
                *("--history-max", str(HISTORY)),
            ]
            return _run(line, self.patience + _GRACE)


def _run(line: list[str], patience: timedelta) -> Ended:
    with subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Its own group: what it started ends with it, and a restart of ours does not end it.
        start_new_session=True,
    ) as process:
        try:
            said, _none = process.communicate(timeout=patience.total_seconds())
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _none = process.communicate()
            return Ended(well=False, said=_last(said), late=True)
    return Ended(well=process.returncode == 0, said=_last(said))


def _last(said: str) -> str:
    """Its last line says what went wrong; without `Error: `."""
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    return lines[-1].removeprefix("Error: ")[:300] if lines else "it said nothing"


@contextmanager
def _kubeconfig(door: Door) -> Iterator[tuple[Path, str]]:
    """Ours, or one made for a token: on its command line everybody here could read it."""
    if door.kubeconfig:
        yield door.kubeconfig, door.context
        return
    cluster = {"server": door.url}
    if door.ca:
        cluster["certificate-authority"] = str(door.ca.resolve())
    if door.authority:
        cluster["certificate-authority-data"] = door.authority
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tocsin",
        "contexts": [{"name": "tocsin", "context": {"cluster": "it", "user": "us"}}],
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "us", "user": {"token": door.token()}}],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(content, file)
        file.flush()
        yield Path(file.name), ""
