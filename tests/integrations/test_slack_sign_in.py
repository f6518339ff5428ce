"""Whom a token stands for, and which tokens are not believed, whoever may have made them."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.slack_sign_in import App, SlackSignIn
from tests.integrations.worlds import OPEN, fault, sent, url

NONCE, ACCESS = "n-once", "xoxp-1"
AUTHOR = App(client_id="1.2", client_secret="secret", callback="https://tocsin.example/back")
MORE = {"use": "sig", "alg": "RS256", "kid": "k1"}
KEY = RSAKey.generate_key(2048, MORE)
FORGED = RSAKey.generate_key(2048, MORE)
"""Of the same name."""


@pytest.fixture
def slack(demo: Any) -> Iterator[SlackSignIn]:
    made = SlackSignIn(url(demo, "/slack/api/"), AUTHOR, gate=OPEN)
    yield made
    made.close()


def claims(demo: Any, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    half = hashlib.sha256(ACCESS.encode()).digest()[:16]
    return {
        "iss": url(demo, "/slack"),
        "sub": "U01ANA",
        "aud": AUTHOR.client_id,
        "iat": now,
        "exp": now + 300,
        "nonce": NONCE,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "https://slack.com/user_id": "U01ANA",
        "https://slack.com/team_id": "T0DEMO",
        "name": "Ana Lima",
        **more,
    }


def answers(demo: Any, told: dict[str, Any], *, key: RSAKey = KEY, **more: Any) -> None:
    """What Slack says to the next code, with the keys that it shows."""
    token = more.get("token") or jwt.encode({"alg": "RS256", "kid": "k1"}, told, key)
    body = {"ok": True, "access_token": ACCESS, "id_token": token}
    fault(demo, "slack", "openid.connect.token", "5xx", status=200, body=body)
    shows(demo, KEY)


def shows(demo: Any, *keys: RSAKey) -> None:
    body = {"keys": [key.as_dict(private=False) for key in keys]}
    fault(demo, "slack", "openid.keys", "5xx", status=200, body=body)


def test_a_token_that_is_slacks_names_the_person(demo: Any, slack: SlackSignIn) -> None:
    answers(demo, claims(demo))
    person = slack.introduced("code", nonce=NONCE)
    assert (person.user_id, person.team_id, person.name) == ("U01ANA", "T0DEMO", "Ana Lima")


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another.app"},
        {"aud": ["another.app"]},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"azp": "another.app"},
    ],
    ids=lambda wrong: " ".join(wrong),
)
def test_a_token_for_somebody_else_or_another_time_is_refused(
    demo: Any, slack: SlackSignIn, wrong: dict[str, Any]
) -> None:
    answers(demo, claims(demo, **wrong))
    with pytest.raises(VendorRejected, match="not to be trusted"):
        slack.introduced("code", nonce=NONCE)


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "sub", "nonce"])
def test_a_token_that_leaves_out_what_matters_is_refused(
    demo: Any, slack: SlackSignIn, missing: str
) -> None:
    answers(demo, {name: said for name, said in claims(demo).items() if name != missing})
    with pytest.raises(VendorRejected, match="not to be trusted"):
        slack.introduced("code", nonce=NONCE)


@pytest.mark.parametrize("missing", ["https://slack.com/user_id", "https://slack.com/team_id"])
def test_a_token_without_a_user_or_a_workspace_is_nobody(
    demo: Any, slack: SlackSignIn, missing: str
) -> None:
    answers(demo, {name: said for name, said in claims(demo).items() if name != missing})
    with pytest.raises(VendorRejected, match="names no user or no workspace"):
        slack.introduced("code", nonce=NONCE)


def test_a_signature_by_another_key_of_the_same_name_is_refused(
    demo: Any, slack: SlackSignIn
) -> None:
    answers(demo, claims(demo), key=FORGED)
    with pytest.raises(VendorRejected, match="BadSignatureError"):
        slack.introduced("code", nonce=NONCE)


def test_a_token_that_says_it_needs_no_signature_is_refused(demo: Any, slack: SlackSignIn) -> None:
    def part(said: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()

    answers(demo, {}, token=f"{part({'alg': 'none', 'kid': 'k1'})}.{part(claims(demo))}.")
    with pytest.raises(VendorRejected, match="not to be trusted"):
        slack.introduced("code", nonce=NONCE)


def test_a_token_signed_with_the_public_key_as_if_it_were_secret_is_refused(
    demo: Any, slack: SlackSignIn
) -> None:
    # Imported from its number: the library itself refuses to take a PEM for a secret.
    secret = OctKey.import_key({"kty": "oct", "k": KEY.as_dict(private=False)["n"]})
    token = jwt.encode({"alg": "HS256", "kid": "k1"}, claims(demo), secret)
    answers(demo, {}, token=token)
    with pytest.raises(VendorRejected, match="not to be trusted"):
        slack.introduced("code", nonce=NONCE)


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.e30", "ü"])
def test_what_is_no_token_is_refused(demo: Any, slack: SlackSignIn, token: str) -> None:
    answers(demo, {}, token=token)
    with pytest.raises(VendorRejected, match="not to be trusted"):
        slack.introduced("code", nonce=NONCE)


def test_a_new_key_of_slacks_is_asked_for_once(demo: Any, slack: SlackSignIn) -> None:
    answers(demo, claims(demo))
    slack.introduced("code", nonce=NONCE)
    demo.http.delete("/_sandbox/faults")
    new = RSAKey.generate_key(2048, {**MORE, "kid": "k2"})
    token = jwt.encode({"alg": "RS256", "kid": "k2"}, claims(demo), new)
    body = {"ok": True, "access_token": ACCESS, "id_token": token}
    fault(demo, "slack", "openid.connect.token", "5xx", status=200, body=body)
    shows(demo, KEY, new)
    assert slack.introduced("code", nonce=NONCE).user_id == "U01ANA"
    slack.introduced("code", nonce=NONCE)
    assert len(sent(demo, "slack", "openid.keys")) == 2


@pytest.mark.parametrize("body", [{}, [], {"keys": 1}, {"keys": [{"kty": "RSA"}]}, {"keys": []}])
def test_keys_that_are_none_are_refused(demo: Any, slack: SlackSignIn, body: Any) -> None:
    fault(demo, "slack", "openid.keys", "5xx", status=200, body=body or {"nothing": 1})
    answers(demo, claims(demo))
    with pytest.raises(VendorRejected):
        slack.introduced("code", nonce=NONCE)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("invalid_code", "used up or too old"),
        ("bad_client_secret", "SLACK_CLIENT_SECRET"),
        ("invalid_client_id", "SLACK_CLIENT_ID"),
        ("bad_redirect_uri", "TOCSIN_URL"),
        ("something_new", "something_new"),
    ],
)
def test_what_slack_refuses_is_said_in_our_words(
    demo: Any, slack: SlackSignIn, code: str, said: str
) -> None:
    body = {"ok": False, "error": code}
    fault(demo, "slack", "openid.connect.token", "5xx", status=200, body=body)
    with pytest.raises(VendorRejected, match=said):
        slack.introduced("code", nonce=NONCE)


def test_an_address_that_is_not_slacks_is_not_believed(demo: Any, slack: SlackSignIn) -> None:
    """Whoever answers in its place could send people to a page of theirs."""
    body = {
        "issuer": "https://evil.example",
        "authorization_endpoint": "https://evil.example/a",
        "token_endpoint": "https://evil.example/t",
        "jwks_uri": "https://evil.example/k",
    }
    fault(demo, "slack", "openid.configuration", "5xx", status=200, body=body)
    with pytest.raises(VendorRejected, match="SLACK_API_URL"):
        slack.address(state="s", nonce="n")


def test_where_slack_asks_people_is_read_once_an_hour(demo: Any, slack: SlackSignIn) -> None:
    for _ in range(3):
        slack.address(state="s", nonce="n")
    assert len(sent(demo, "slack", "openid.configuration")) == 1


def test_slack_that_is_away_may_come_back(demo: Any, slack: SlackSignIn) -> None:
    fault(demo, "slack", "openid.configuration", "refuse", when={"times": 1})
    with pytest.raises(VendorDown):
        slack.address(state="s", nonce="n")
    assert slack.address(state="s", nonce="n")
