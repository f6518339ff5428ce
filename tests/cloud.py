"""AWS as moto plays it, in a process of its own: what the tests of AWS talk to with the real boto3."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ROLE = "arn:aws:iam::123456789012:role/tocsin"
_PATIENCE = 60


@dataclass
class Cloud:
    """The simulated cloud and what steers it."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20, trust_env=False))
    ahead: timedelta = timedelta(0)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """As the platform's own people use it: around the bot."""
        import boto3
        from botocore.config import Config

        found = self._clients.get((service, region))
        if found is None:
            found = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
            self._clients[service, region] = found
        return found

    def somebody(self, session: str, agent: str = "aws-cli/2.17") -> Callable[[str], Any]:
        """What makes clients of this role session, which the trail then names."""
        import boto3
        from botocore.config import Config

        arn = "arn:aws:iam::123456789012:role/people"
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]

        def client(service: str) -> Any:
            kept = (f"{service} of {session} by {agent}", "us-east-1")
            if kept not in self._clients:
                self._clients[kept] = boto3.client(
                    service,
                    region_name="us-east-1",
                    endpoint_url=self.url,
                    aws_access_key_id=given["AccessKeyId"],
                    aws_secret_access_key=given["SecretAccessKey"],
                    aws_session_token=given["SessionToken"],
                    config=Config(user_agent=agent, retries={"total_max_attempts": 1}),
                )
            return self._clients[kept]

        return client

    def steer(self, what: str, **asked: Any) -> Any:
        answer = self.http.post(f"{self.url}/_aws/{what}", json=asked)
        assert answer.is_success, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
        self.steer("advance", seconds=seconds)

    def now(self) -> datetime:
        """This is a clock, too: the one of the simulated cloud."""
        return datetime.now(UTC) + self.ahead

    def on_change(self, callback: Any) -> None:
        pass

    def seconds_until(self, moment: datetime) -> float | None:
        return (moment - self.now()).total_seconds()

    def fault(self, match: str, do: str, **more: Any) -> None:
        self.steer("fault", match=match, do=do, **more)

    def calls(self, action: str = "") -> list[dict[str, Any]]:
        found = self.steer("trail")
        return [each for each in found if action in ("", each["action"])]

    def close(self) -> None:
        self.http.close()
        for each in self._clients.values():
            each.close()

    def reset(self) -> None:
        """Whom it knew by a session it knows no more."""
        for kept in [each for each in self._clients if " of " in each[0]]:
            self._clients.pop(kept).close()
        self.http.post(f"{self.url}/moto-api/reset")
        self.ahead = timedelta(0)


def _served() -> Iterator[Cloud]:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("boto3") is None:
        pytest.skip("moto is not installed: pip install 'tocsin[sandbox-aws]'")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "sandbox.aws"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    late = threading.Timer(_PATIENCE, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        late.cancel()
        assert address, "the simulated cloud did not start"
        cloud = Cloud(address)
        yield cloud
        cloud.close()
    finally:
        late.cancel()
        process.terminate()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def aws_process() -> Iterator[Cloud]:
    yield from _served()


@pytest.fixture
def aws(aws_process: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Empty, and with keys in the environment as on a machine of ours."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    aws_process.reset()
    yield aws_process
    aws_process.reset()
