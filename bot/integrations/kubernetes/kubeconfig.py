"""Reads a kubeconfig as kubectl does: where the cluster is, whom it trusts, as whom we come."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext, SSLError, create_default_context
from typing import Any

import yaml

from bot.domain.errors import VendorRejected

VENDOR = "Kubernetes"
_DOING = "read how to reach the cluster"
_EARLY = timedelta(minutes=2)
"""A token is fetched again so long before it ends."""
_EXEC_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Door:
    """One cluster as one user. `token` is asked for each request; it may fetch a new one."""

    url: str
    trust: SSLContext
    token: Callable[[], str]
    kubeconfig: Path | None = None
    """With its context, for programs that come by themselves; else `ca` and a token are all there is."""
    context: str = ""
    ca: Path | None = None
    authority: str = ""
    """The certificate itself, PEM in base64, where it lies in no file."""


def from_file(path: Path, context: str = "") -> Door:
    """The named context, else the current one. VendorRejected where it cannot be used."""
    try:
        content = yaml.safe_load(path.read_text())
    except OSError as error:
        raise _wrong(f"{path} cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise _wrong(f"{path} is no YAML") from error
    config = content if isinstance(content, dict) else {}
    chosen = context or str(config.get("current-context") or "")
    place = _named(config, "contexts", chosen, "context", path)
    cluster = _named(config, "clusters", str(place.get("cluster")), "cluster", path)
    user = _named(config, "users", str(place.get("user")), "user", path)
    return Door(
        url=str(cluster.get("server", "")).rstrip("/"),
        trust=_trust(cluster, user, path.parent),
        token=_token(user, path.parent),
        kubeconfig=path,
        context=chosen,
    )


def from_token(url: str, token: str, ca: Path | None) -> Door:
    """A fixed token, as of a service account."""
    try:
        trust = create_default_context(cafile=str(ca) if ca else None)
    except (OSError, SSLError) as error:
        raise _wrong(f"the certificate of the authority in {ca} cannot be read") from error
    return Door(url=url.rstrip("/"), trust=trust, token=lambda: token, ca=ca)


def from_authority(url: str, authority: str, token: Callable[[], str]) -> Door:
    """A certificate as a kubeconfig holds it, and a token that somebody renews."""
    trust = _trust({"certificate-authority-data": authority}, {}, Path())
    return Door(url=url.rstrip("/"), trust=trust, token=token, authority=authority)


def _named(
    config: Mapping[str, Any], part: str, name: str, inner: str, path: Path
) -> Mapping[str, Any]:
    for each in config.get(part) or ():
        if each.get("name") == name:
            found = each.get(inner)
            return found if isinstance(found, dict) else {}
    raise _wrong(f"{path} has no {inner} {name or '(none is chosen)'}")


def _trust(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> SSLContext:
    ca = _content(cluster, "certificate-authority", folder)
    try:
        trust = create_default_context(cadata=ca.decode() if ca else None)
        certificate = _content(user, "client-certificate", folder)
        key = _content(user, "client-key", folder)
        if certificate and key:
            # The standard library takes a client's key from a file only.
            with tempfile.NamedTemporaryFile(suffix=".pem") as both:
                both.write(certificate + b"\n" + key)
                both.flush()
                trust.load_cert_chain(both.name)
    except (SSLError, ValueError) as error:
        raise _wrong("a certificate in the kubeconfig cannot be read") from error
    return trust


def _content(part: Mapping[str, Any], name: str, folder: Path) -> bytes:
    """Inline as `<name>-data`, or in a file beside the kubeconfig."""
    if inline := part.get(f"{name}-data"):
        return base64.b64decode(inline)
    if not (named := part.get(name)):
        return b""
    try:
        return (folder / str(named)).read_bytes()
    except OSError as error:
        raise _wrong(f"{named} cannot be read ({error.strerror})") from error


def _token(user: Mapping[str, Any], folder: Path) -> Callable[[], str]:
    if fixed := user.get("token"):
        return lambda: str(fixed)
    if file := user.get("tokenFile"):
        # Read each time: whoever writes it also renews it.
        return lambda: _from_token_file(folder / str(file))
    if command := user.get("exec"):
        return Fetched(command).token
    return lambda: ""


def _from_token_file(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise _wrong(f"the token in {path} cannot be read ({error.strerror})") from error


@dataclass(kw_only=False)
class Fetched:
    """A token from a program such as `aws eks get-token`, kept until shortly before it ends."""

    command: Mapping[str, Any]
    _held: str = ""
    _until: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self) -> str:
        with self._lock:
            if not self._held or (self._until and datetime.now(UTC) > self._until - _EARLY):
                self._held, self._until = self._fetch()
            return self._held

    def _fetch(self) -> tuple[str, datetime | None]:
        program = str(self.command.get("command", ""))
        added = {each["name"]: str(each["value"]) for each in self.command.get("env") or ()}
        line = [*(f"{k}={v}" for k, v in added.items()), program]
        line += [str(each) for each in self.command.get("args") or ()]
        try:
            # `env` adds its variables to ours, which nobody but config.py reads.
            done = subprocess.run(
                ["env", *line], capture_output=True, timeout=_EXEC_SECONDS, check=True
            )
            status = json.loads(done.stdout)["status"]
            ends = status.get("expirationTimestamp")
            return str(status["token"]), datetime.fromisoformat(ends) if ends else None
        except subprocess.TimeoutExpired as error:
            raise _wrong(f"{program} gave no token within {_EXEC_SECONDS} s") from error
        except (OSError, subprocess.CalledProcessError) as error:
            raise _wrong(f"{program}, which should give a token, failed") from error
        except (ValueError, KeyError, TypeError) as error:
            raise _wrong(f"what {program} printed is no token") from error


def _wrong(why: str) -> VendorRejected:
    return VendorRejected(VENDOR, _DOING, why)
