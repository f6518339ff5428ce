"""A kubeconfig is read as kubectl reads it, and what is wrong in it is told without its secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.errors import VendorRejected
from bot.integrations.kubernetes.kubeconfig import from_file, from_token


def config(folder: Path, user: dict[str, Any], **cluster: str) -> Path:
    path = folder / "config"
    content = {
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u"}},
            {"name": "other", "context": {"cluster": "d", "user": "u"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://one.example:6443/", **cluster}},
            {"name": "d", "cluster": {"server": "https://other.example"}},
        ],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def test_the_current_context_counts_where_none_is_named(tmp_path: Path) -> None:
    door = from_file(config(tmp_path, {"token": "t-1"}))
    assert (door.url, door.token()) == ("https://one.example:6443", "t-1")


def test_the_named_context_wins(tmp_path: Path) -> None:
    assert from_file(config(tmp_path, {}), "other").url == "https://other.example"


def test_a_context_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VendorRejected, match="has no context prod-9"):
        from_file(config(tmp_path, {}), "prod-9")


def test_a_token_file_is_read_each_time_because_somebody_renews_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first\n")
    door = from_file(config(tmp_path, {"tokenFile": "token"}))
    assert door.token() == "first"
    (tmp_path / "token").write_text("second\n")
    assert door.token() == "second"


def program(folder: Path, ends: datetime) -> dict[str, Any]:
    """Prints a new token each time, as `aws eks get-token` does."""
    script = folder / "give-token"
    printed = {"status": {"token": "token-N", "expirationTimestamp": ends.isoformat()}}
    script.write_text(
        f"#!/bin/sh\necho x >> {folder}/calls\n"
        f"echo '{json.dumps(printed)}' | sed s/N/$(wc -l < {folder}/calls)-$WHO/\n"
    )
    script.chmod(0o755)
    return {"exec": {"command": str(script), "env": [{"name": "WHO", "value": "tocsin"}]}}


def test_a_token_from_a_program_is_kept_while_it_is_good(tmp_path: Path) -> None:
    good = program(tmp_path, datetime.now(UTC) + timedelta(minutes=14))
    door = from_file(config(tmp_path, good))
    assert [door.token(), door.token()] == ["token-1-tocsin", "token-1-tocsin"]


def test_a_token_is_fetched_again_shortly_before_it_ends(tmp_path: Path) -> None:
    ending = program(tmp_path, datetime.now(UTC) + timedelta(minutes=1))
    door = from_file(config(tmp_path, ending))
    assert [door.token(), door.token()] == ["token-1-tocsin", "token-2-tocsin"]


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"exec": {"command": "/no/such/program"}}, "which should give a token, failed"),
        ({"exec": {"command": "echo", "args": ["secret-123"]}}, "what echo printed is no token"),
        ({"tokenFile": "nowhere"}, "cannot be read"),
    ],
)
def test_a_token_that_cannot_be_had_is_told_without_it(
    tmp_path: Path, user: dict[str, Any], why: str
) -> None:
    door = from_file(config(tmp_path, user))
    with pytest.raises(VendorRejected) as refused:
        door.token()
    assert why in refused.value.why
    assert "secret-123" not in str(refused.value)


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no certificate")
    with pytest.raises(VendorRejected, match="cannot be read"):
        from_file(config(tmp_path, {}, **{"certificate-authority": "ca.crt"}))
    with pytest.raises(VendorRejected, match="cannot be read"):
        from_token("https://one.example", "t", tmp_path / "ca.crt")
