"""The played sign-in answers as Slack documents it, to programs and to people."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.core.simulation import Settings
from tests.sandbox.conftest import receiver, start

__all__ = ["receiver", "start"]

URL = "http://127.0.0.1:1"
BACK = f"{URL}/sign-in/callback"
PATH = "/slack/openid/connect/authorize"


@pytest.fixture
def world(start: Any) -> Any:
    return start(bot_url=URL, slack_manifest=None)


def asked(world: Any, **more: str) -> dict[str, str]:
    return {
        "client_id": world.sim.settings.slack_client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "a state",
        "nonce": "a nonce",
        **more,
    }


def chosen(world: Any, person: str, **more: str) -> httpx.Response:
    return world.http.get(PATH, params={**asked(world, **more), "as": person})


def code_of(world: Any, person: str = "ana", **more: str) -> str:
    found = re.search(r"code=([^&]+)", chosen(world, person, **more).headers["location"])
    assert found is not None
    return found[1]


def exchange(world: Any, brought: str, **more: str) -> dict[str, Any]:
    settings = world.sim.settings
    form = {
        "client_id": settings.slack_client_id,
        "client_secret": settings.slack_client_secret,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": brought,
    }
    return world.http.post("/slack/api/openid.connect.token", data={**form, **more}).json()


def test_the_consent_page_offers_everybody_and_a_way_out(world: Any) -> None:
    page = world.http.get(PATH, params=asked(world)).text
    for name in ("Ana Lima", "Gus Hale", "Ola Nord", "Partner Schools"):
        assert name in page
    assert "Do not sign in" in page
    assert "<script" not in page


def test_a_code_buys_a_token_that_the_published_keys_prove(world: Any) -> None:
    told = exchange(world, code_of(world))
    found = world.http.get("/slack/.well-known/openid-configuration").json()
    keys = httpx.get(found["jwks_uri"]).json()
    claims = jwt.decode(told["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"]).claims
    assert claims["iss"] == found["issuer"]
    assert claims["nonce"] == "a nonce"
    assert claims["https://slack.com/user_id"] == "U01ANA"
    assert claims["https://slack.com/team_id"] == "T0DEMO"
    assert claims["email"] == "ana@demo.example"
    assert "d" not in keys["keys"][0]


def test_only_what_was_asked_for_is_told(world: Any) -> None:
    told = exchange(world, code_of(world, scope="openid"))
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    who = world.http.get("/slack/api/openid.connect.userInfo", headers=headers).json()
    assert who["ok"] is True
    assert who["sub"] == "U01ANA"
    assert "name" not in who
    assert "email" not in who


def test_user_info_is_for_the_users_own_token(world: Any) -> None:
    call = "/slack/api/openid.connect.userInfo"
    assert world.http.get(call).json()["error"] == "not_authed"
    headers = {"Authorization": "Bearer xoxb-demo"}
    assert world.http.get(call, headers=headers).json()["error"] == "invalid_auth"


def test_a_code_is_good_once(world: Any) -> None:
    code = code_of(world)
    assert exchange(world, code)["ok"] is True
    assert exchange(world, code)["error"] == "invalid_code"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"grant_type": "password"}, "invalid_grant_type"),
        ({"redirect_uri": f"{URL}/else"}, "bad_redirect_uri"),
        ({"code": "never"}, "invalid_code"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_documented_name(
    world: Any, more: dict[str, str], error: str
) -> None:
    answer = exchange(world, code_of(world), **more)
    assert (answer["ok"], answer["error"]) == (False, error)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example/"}, "bad_redirect_uri"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid admin"}, "invalid_scope"),
    ],
)
def test_the_page_is_not_shown_for_what_the_app_may_not_ask(
    world: Any, more: dict[str, str], said: str
) -> None:
    answer = chosen(world, "ana", **more)
    assert answer.status_code == 400
    assert said in answer.text


def test_the_app_may_ask_for_what_its_manifest_says(start: Any) -> None:
    from_manifest = start(bot_url=URL, slack_manifest=Settings().slack_manifest)
    assert chosen(from_manifest, "ana", scope="openid profile").status_code == 302
    assert "invalid_scope" in chosen(from_manifest, "ana").text


def test_who_declines_is_sent_back_with_that(world: Any) -> None:
    back = chosen(world, "nobody").headers["location"]
    assert back == f"{BACK}?error=access_denied&state=a+state"


@pytest.mark.parametrize("person", ["tocsin", "never-was"])
def test_only_people_can_agree(world: Any, person: str) -> None:
    assert "Who are you?" in chosen(world, person).text
