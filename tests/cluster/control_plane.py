"""Starts a real control plane as plain processes on loopback; kwok plays its kubelets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml

from bot.integrations.kubernetes.kubeconfig import Door, from_file, from_token
from tests.cluster import certificates

BOT, READER = "bot", "reader"
"""Accounts of the tests; `tokens` has the token of each."""
CONTEXT = "tests"
_ADMIN = "token-of-the-admin"
STAGES = Path(__file__).with_name("stages.yaml")
_START = 60.0
_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kwok")
_CONTROLLERS = (
    "deployment,replicaset,statefulset,daemonset,job,cronjob,disruption,garbagecollector,"
    "namespace,endpointslice,horizontalpodautoscaling"
)


def folder() -> Path:
    """Where `make cluster-tools` puts what it builds."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("TOCSIN_CLUSTER_TOOLS") or Path(cache) / "tocsin" / "cluster-tools")


def missing() -> str:
    """Which program is not there; empty when all are."""
    absent = [each for each in _PROGRAMS if not (folder() / each).is_file()]
    if shutil.which("etcd") is None:
        absent.append("etcd")
    return ", ".join(absent)


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """How to reach it, and as whom."""

    url: str
    ca: Path | None
    """None where the system's own authorities vouch for it."""
    kubeconfig: Path
    context: str
    played: bool
    """Its kubelets are played as `stages.yaml` says, and its nodes are ours to make."""
    own: bool = False
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)

    def client(self) -> httpx.Client:
        """As whoever its kubeconfig names."""
        door = from_file(self.kubeconfig, self.context)

        def signed(request: httpx.Request) -> httpx.Request:
            if token := door.token():
                request.headers["Authorization"] = f"Bearer {token}"
            return request

        return httpx.Client(base_url=door.url, auth=signed, verify=door.trust, timeout=10)

    def door(self, who: str) -> Door:
        """As one of our accounts; as a stranger, where there is none of that name."""
        return from_token(self.url, self.tokens.get(who, who), self.ca)


@contextmanager
def running(work: Path) -> Iterator[ControlPlane]:
    """All of it stops with the block, whatever happened in it."""
    certificates.write(work)
    (work / "tokens.csv").write_text(f'{_ADMIN},admin,admin,"system:masters"\n')
    etcd, peer, api, manager = (_port() for _ in range(4))
    plane = ControlPlane(
        url=f"https://127.0.0.1:{api}",
        ca=work / "ca.crt",
        kubeconfig=work / "admin.yaml",
        context=CONTEXT,
        played=True,
        own=True,
    )
    plane.kubeconfig.write_text(_kubeconfig(plane))
    with ExitStack() as stack:
        stack.enter_context(_program(work, _etcd(work, etcd, peer)))
        stack.enter_context(_program(work, _apiserver(work, etcd, api)))
        _until_ready(plane, work)
        stack.enter_context(_program(work, _controllers(work, plane, manager)))
        stack.enter_context(_program(work, _kwok(plane)))
        yield plane


def _kubeconfig(plane: ControlPlane) -> str:
    cluster = {"server": plane.url, "certificate-authority": str(plane.ca)}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CONTEXT,
            "contexts": [{"name": CONTEXT, "context": {"cluster": "tests", "user": "us"}}],
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "us", "user": {"token": _ADMIN}}],
        }
    )


def _etcd(work: Path, client: int, peer: int) -> list[str]:
    here, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        *("etcd", "--data-dir", str(work / "etcd"), "--unsafe-no-fsync"),
        *("--listen-client-urls", here, "--advertise-client-urls", here),
        *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
        *("--initial-cluster", f"default={peers}", "--log-level", "error"),
    ]


def _apiserver(work: Path, etcd: int, port: int) -> list[str]:
    return [
        str(folder() / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        *("--bind-address=127.0.0.1", f"--secure-port={port}", "--anonymous-auth=false"),
        *(f"--tls-cert-file={work}/server.crt", f"--tls-private-key-file={work}/server.key"),
        *(f"--token-auth-file={work}/tokens.csv", "--authorization-mode=RBAC"),
        "--service-cluster-ip-range=10.0.0.0/24",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={work}/accounts.key",
        f"--service-account-signing-key-file={work}/accounts.key",
        *("--endpoint-reconciler-type=none", "--disable-admission-plugins=ServiceAccount"),
        "--feature-gates=WatchList=false",
    ]


def _controllers(work: Path, plane: ControlPlane, port: int) -> list[str]:
    return [
        str(folder() / "kube-controller-manager"),
        *(f"--kubeconfig={plane.kubeconfig}", "--leader-elect=false"),
        *("--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={work}"),
        f"--controllers={_CONTROLLERS}",
        "--horizontal-pod-autoscaler-sync-period=3s",
    ]


def _kwok(plane: ControlPlane) -> list[str]:
    return [
        str(folder() / "kwok"),
        *(f"--kubeconfig={plane.kubeconfig}", "--manage-all-nodes=true"),
        *(f"--config={STAGES}", "--node-lease-duration-seconds=0"),
    ]


@contextmanager
def _program(work: Path, command: list[str]) -> Iterator[None]:
    name = Path(command[0]).name
    with (
        (work / f"{name}.log").open("wb") as log,
        subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=work
        ) as process,
    ):
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _until_ready(plane: ControlPlane, work: Path) -> None:
    end = time.monotonic() + _START
    with plane.client() as client:
        while time.monotonic() < end:
            try:
                if client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
    log = (work / "kube-apiserver.log").read_text()[-3000:]
    raise RuntimeError(f"kube-apiserver did not come up within {_START:.0f} s:\n{log}")


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
