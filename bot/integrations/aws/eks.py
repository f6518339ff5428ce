"""Where an EKS cluster is, whom it trusts, and the token by which it knows our role: no program needed."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass

from bot.domain.errors import VendorRejected
from bot.integrations.aws.account import Account
from bot.integrations.aws.words import VENDOR

_PREFIX = "k8s-aws-v1."
_KEPT_SECONDS = 600
"""A token is good for 15 minutes (github.com/kubernetes-sigs/aws-iam-authenticator)."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """`authority` is its certificate, PEM in base64, as a kubeconfig holds it."""

    url: str
    authority: str


class Eks:
    """One cluster of one account; `region` where it is not the account's."""

    def __init__(self, account: Account, cluster: str, *, region: str = "") -> None:
        self._account, self.cluster, self._region = account, cluster, region
        self._held = ""
        self._until = 0.0
        self._lock = threading.Lock()

    def address(self) -> Address:
        doing = f"read where the cluster {self.cluster} is"
        shown = self._account.read(
            "eks", "describe_cluster", doing=doing, region=self._region, name=self.cluster
        )
        found = shown["cluster"]
        if not found.get("endpoint"):
            raise VendorRejected(VENDOR, doing, f"it is {found.get('status', 'not ready')}")
        return Address(
            url=str(found["endpoint"]).rstrip("/"), authority=found["certificateAuthority"]["data"]
        )

    def token(self) -> str:
        """Kept for ten minutes, then signed anew."""
        with self._lock:
            if time.monotonic() >= self._until:
                signed = self._account.introduction(self.cluster, region=self._region).encode()
                self._held = _PREFIX + base64.urlsafe_b64encode(signed).decode().rstrip("=")
                self._until = time.monotonic() + _KEPT_SECONDS
            return self._held
