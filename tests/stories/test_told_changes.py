"""A CI job tells of a change: believed when signed, kept through a kill, shown beside what others saw."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from tests.living import ROOT, Life
from tests.stories.walking import Room, alive, paged, played

SECRET, NEW_SECRET = "changes-demo-secret", "changes-next-secret"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("told")
    with alive(folder, CHANGES_WEBHOOK_SECRETS=f"{SECRET},{NEW_SECRET}") as life:
        yield life


def change(**more: object) -> bytes:
    told = {"service": "lms", "environment": "staging", "after": "r900", **more}
    return json.dumps(told).encode()


def tell(life: Life, body: bytes, *, secret: str = SECRET, signature: str = "") -> httpx.Response:
    signed = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return httpx.post(
        f"{life.bot.ports.tocsin}/webhooks/changes",
        content=body,
        headers={"X-Tocsin-Signature": signature or signed},
        timeout=10,
    )


def asked(room: Room, words: str = "changes") -> str:
    """What `/incident changes` answers."""
    room.say("ana", words)
    return room.whispers("ana")[-1]


def now(life: Life) -> datetime:
    return datetime.fromisoformat(life.world.get("/clock")["now"])


def count(life: Life, outcome: str) -> float:
    return life.bot.metric(f'tocsin_inputs_total{{outcome="{outcome}"}}')


@pytest.mark.parametrize("signature", ["v1=not-hexadecimal", "sha256"])
def test_without_a_readable_signature_it_says_how_to_sign(shared: Life, signature: str) -> None:
    before = count(shared, "changes_unsigned")
    answer = tell(shared, change(), signature=signature)
    assert answer.status_code == 401
    assert "X-Tocsin-Signature: v1=<HMAC-SHA256" in answer.text
    assert count(shared, "changes_unsigned") == before + 1


def test_another_secret_is_asked_for_again_and_shown(shared: Life) -> None:
    answer = tell(shared, change(), secret="somebody-else")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert any("CHANGES_WEBHOOK_SECRETS" in each for each in shared.bot.ready()["warnings"])


def test_while_the_secret_is_rotated_both_are_good(shared: Life) -> None:
    assert tell(shared, change(id="rotated-1"), secret=SECRET).status_code == 202
    assert tell(shared, change(id="rotated-2"), secret=NEW_SECRET).status_code == 202


def test_more_than_64_kibibytes_are_not_read(shared: Life) -> None:
    assert tell(shared, change(summary="x" * 64 * 1024)).status_code == 413


def test_what_is_not_understood_says_what_to_write(shared: Life) -> None:
    answer = tell(shared, change(kind="deployment", service=None))
    assert answer.status_code == 422
    assert "service: write the name of the service, as in the catalog." in answer.text
    assert "kind: write one of deploy, ami," in answer.text


def test_the_answer_names_what_the_catalog_does_not_know_and_nobody_reads(shared: Life) -> None:
    answer = tell(shared, change(service="lmss", environment="prod", autor="kenji"))
    assert answer.status_code == 202
    assert "service: the catalog does not know it (nearest: lms" in answer.text
    assert "environment: the catalog does not know it (it knows production," in answer.text
    assert "nobody reads: autor" in answer.text


def test_the_same_again_is_known_already(shared: Life) -> None:
    body = change(id="twice")
    assert tell(shared, body).text == "stored\n"
    assert tell(shared, body).text == "known already\n"


@pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("curl")), reason="needs openssl and curl"
)
def test_the_example_of_the_documentation_works_as_it_is_written(shared: Life) -> None:
    page = (ROOT / "docs" / "changes.md").read_text()
    (script,) = re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    told = {"CHANGES_SECRET": NEW_SECRET, "TOCSIN_URL": shared.bot.ports.tocsin}
    done = subprocess.run(
        ["bash", "-euc", script],
        env={**os.environ, **told, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout in ("stored\n", "known already\n")


def test_what_was_told_is_a_suspect_even_of_a_service_nobody_knows(shared: Life) -> None:
    room = paged(shared, "forums", "Forums are slow")
    started = (now(shared) - timedelta(minutes=5)).isoformat()
    before = {"environment": "production", "started": started}
    tell(shared, change(service="forums", after="r77", author="mira", **before))
    tell(shared, change(service="billing-batch", summary="Ran it all", after="", **before))
    tell(shared, change(service="notes", after="r555", **before))
    told = asked(room)
    assert "forums r77" in told
    assert "by mira" in told
    assert "billing-batch Ran it all" in told
    assert "not related by the catalog" in told
    assert "r555" not in told
    assert "change webhook" in told


def test_one_deploy_told_by_ci_and_seen_by_argo_cd_survives_a_kill_and_is_told_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with alive(tmp_path_factory.mktemp("killed")) as life:
        room = played(life, "bad-lms-deploy")
        started = now(life).isoformat()
        body = change(environment="production", after="r142", id="run-1", started=started)
        assert tell(life, body).status_code == 202
        life.bot.kill()
        life.bot.start()
        told = asked(room)
        assert told.count("r142") == 1
        assert "Asked: Argo CD, change webhook, PagerDuty, New Relic" in told
        assert tell(life, body).text == "known already\n"
        life.bot.stop()
        life.bot.extra["CHANGES_WEBHOOK_SECRETS"] = ""
        life.bot.start()
        answer = tell(life, change())
        assert answer.status_code == 404
        assert "CHANGES_WEBHOOK_SECRETS is not set" in answer.text
        assert "change webhook" in life.bot.ready()["not_configured"]
