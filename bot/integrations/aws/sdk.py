"""The only file that knows boto3: sessions of a role, clients without retries, and errors made ours."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.domain.errors import NotSent, VendorDown, VendorError, VendorRejected
from bot.integrations.aws.words import STALE, VENDOR, final, permission, translated

CONNECT_SECONDS, READ_SECONDS = 2, 5
_LIFETIME = 3600
_EARLY = 300
"""A session is renewed this many seconds before it ends."""
_KEPT = 8
_NO_KEYS = "no AWS credentials are found on this machine"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call. `once` marks a change to production: nothing of it is ever repeated by itself."""

    service: str
    operation: str
    doing: str
    given: Mapping[str, Any] = field(default_factory=dict)
    by_hand: str = ""
    region: str = ""
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class _Session:
    """The keys of an assumed role, until `ends` (monotonic seconds)."""

    keys: Mapping[str, str]
    ends: float
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)


class Sdk:
    """One role in one account. Each incident has a session of its own, named for it."""

    def __init__(self, role: str, region: str, endpoint: str = "") -> None:
        self._role, self.region, self._endpoint = role, region, endpoint
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.RLock()
        self._boto: Any = None
        """Made once: it keeps the descriptions of the services, which are slow to read."""

    def call(self, asked: Asked, *, name: str) -> dict[str, Any]:
        """`name` is the session's: CloudTrail shows it beside every change."""
        named = re.sub(r"[^\w+=,.@-]", "-", name, flags=re.ASCII)[:64]
        client = self._client(asked, named)
        try:
            with self._errors(asked, client.meta.method_to_api_mapping[asked.operation], named):
                found: dict[str, Any] = getattr(client, asked.operation)(**asked.given)
        finally:
            if asked.once:
                client.close()
        return found

    def introduction(self, cluster: str, *, name: str, region: str = "") -> str:
        """A presigned question who we are, good for one EKS cluster: its token, without a prefix.

        Asked of the cluster's own region, as the AWS command line does.
        """
        from botocore.credentials import Credentials
        from botocore.signers import RequestSigner

        asked = Asked(
            service="sts", operation="get_caller_identity", doing=f"make a token for {cluster}"
        )
        with self._lock:
            keys = self._session(asked, name).keys
        client = self._boto.client("sts", region_name=region or self.region, **keys)
        try:
            signer = RequestSigner(
                client.meta.service_model.service_id,
                region or self.region,
                "sts",
                "v4",
                Credentials(
                    keys["aws_access_key_id"],
                    keys["aws_secret_access_key"],
                    keys["aws_session_token"],
                ),
                client.meta.events,
            )
            request = {
                "method": "GET",
                "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
                "body": {},
                "headers": {"x-k8s-aws-id": cluster},
                "context": {},
            }
            return str(signer.generate_presigned_url(request, operation_name="", expires_in=60))
        finally:
            client.close()

    def who(self, *, name: str) -> str:
        """The ARN that we are there: the proof that the role can be assumed."""
        asked = Asked(
            service="sts", operation="get_caller_identity", doing="see who we are in AWS"
        )
        return str(self.call(asked, name=name)["Arn"])

    def close(self) -> None:
        with self._lock:
            for session in self._sessions.values():
                _close(session)
            self._sessions.clear()

    def _client(self, asked: Asked, name: str) -> Any:
        region = asked.region or self.region
        with self._lock:
            session = self._session(asked, name)
            # A kept-alive connection that AWS just closed would leave its outcome in doubt.
            if asked.once:
                return self._made(asked.service, region, session.keys)
            place = (asked.service, region)
            if place not in session.clients:
                session.clients[place] = self._made(asked.service, region, session.keys)
            return session.clients[place]

    def _session(self, asked: Asked, name: str) -> _Session:
        held = self._sessions.get(name)
        if held is not None and held.ends > time.monotonic():
            return held
        self._forget(name)
        while len(self._sessions) >= _KEPT:
            self._forget(next(iter(self._sessions)))
        made = _Session(
            keys=self._assumed(asked, name), ends=time.monotonic() + _LIFETIME - _EARLY
        )
        self._sessions[name] = made
        return made

    def _forget(self, name: str) -> None:
        if (gone := self._sessions.pop(name, None)) is not None:
            _close(gone)

    def _assumed(self, asked: Asked, name: str) -> Mapping[str, str]:
        first = Asked(
            service="sts",
            operation="assume_role",
            doing=asked.doing,
            by_hand=asked.by_hand,
            once=asked.once,
        )
        client = self._made("sts", self.region, {})
        try:
            # Nothing is sent without a session, so whatever fails here changed nothing.
            with self._errors(first, "AssumeRole", name, harmless=True):
                found = client.assume_role(
                    RoleArn=self._role, RoleSessionName=name, DurationSeconds=_LIFETIME
                )["Credentials"]
        finally:
            client.close()
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }

    def _made(self, service: str, region: str, keys: Mapping[str, str]) -> Any:
        import boto3
        from botocore.config import Config

        if self._boto is None:
            self._boto = boto3.Session()
        patience = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            # `max_attempts` would count repetitions: 1 is one too many.
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        address = self._endpoint or None
        return self._boto.client(
            service, region_name=region, endpoint_url=address, config=patience, **keys
        )

    @contextmanager
    def _errors(
        self, asked: Asked, action: str, name: str, *, harmless: bool = False
    ) -> Iterator[None]:
        from botocore import exceptions as raised
        from botocore.parsers import ResponseParserError

        told = {"doing": asked.doing, "by_hand": asked.by_hand}
        unsent: type[VendorError] = NotSent if asked.once else VendorDown
        try:
            yield
        except raised.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in STALE:
                with self._lock:
                    self._forget(name)
            raise translated(
                code,
                error.response.get("Error", {}).get("Message", ""),
                status=error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0),
                right=permission(asked.service, action),
                once=asked.once,
                **told,
            ) from error
        except (raised.NoCredentialsError, raised.PartialCredentialsError) as error:
            raise final(_NO_KEYS, once=asked.once, **told) from error
        except raised.ParamValidationError as error:
            raise VendorRejected(VENDOR, why=" ".join(str(error).split())[:300], **told) from error
        except (raised.EndpointConnectionError, raised.ConnectTimeoutError) as error:
            raise unsent(VENDOR, why="it could not be reached", **told) from error
        except (raised.HTTPClientError, raised.BotoCoreError, ResponseParserError) as error:
            kind_of = unsent if harmless else VendorDown
            raise kind_of(VENDOR, why=_lost(error), **told) from error


def _close(session: _Session) -> None:
    for client in session.clients.values():
        client.close()


def _lost(error: Exception) -> str:
    if "Timeout" in type(error).__name__:
        return f"no answer within {READ_SECONDS} seconds"
    return "the connection broke before the answer came"
