"""Sign in with Slack: the codes of its consent page, its signed tokens, and the documents beside them.

https://docs.slack.dev/authentication/sign-in-with-slack
"""

from __future__ import annotations

import base64
import hashlib
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.slack.ids import new_id
from sandbox.slack.scopes import workspace_grant
from sandbox.slack.state import Code, Person
from sandbox.slack.wire import Call, SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core.simulation import Simulation

SCOPES = ("openid", "profile", "email")
CODE_LASTS, TOKEN_LASTS = 600, 300
"""Real seconds: signatures do not follow the demo's clock."""


@cache
def _key() -> RSAKey:
    """Made when it is first needed: each run of the demo world has another one."""
    parameters: Any = {"use": "sig", "alg": "RS256"}
    return RSAKey.generate_key(2048, parameters, auto_kid=True)


def routes(sim: Simulation) -> list[BaseRoute]:
    async def discovery(_request: Request) -> JSONResponse:
        return JSONResponse(_discovery(issuer(sim)))

    async def keys(_request: Request) -> JSONResponse:
        return JSONResponse({"keys": [_key().as_dict(private=False)]})

    return [
        Route("/.well-known/openid-configuration", discovery, name="openid.configuration"),
        Route("/openid/connect/keys", keys, name="openid.keys"),
    ]


def issuer(sim: Simulation) -> str:
    return f"{sim.settings.url}/slack"


def _discovery(at: str) -> dict[str, Any]:
    return {
        "issuer": at,
        "authorization_endpoint": f"{at}/openid/connect/authorize",
        "token_endpoint": f"{at}/api/openid.connect.token",
        "userinfo_endpoint": f"{at}/api/openid.connect.userInfo",
        "jwks_uri": f"{at}/openid/connect/keys",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "auth_time", "iss"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }


def wrong_with(sim: Simulation, asked: dict[str, str]) -> str:
    """Why the consent page is not shown, in the word that Slack uses; empty when it is."""
    scopes = asked.get("scope", "").replace(",", " ").split()
    if asked.get("client_id") != sim.settings.slack_client_id:
        return "invalid_client_id"
    if asked.get("redirect_uri") != f"{sim.settings.bot_url}{sim.settings.slack_redirect}":
        return "bad_redirect_uri"
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    allowed = workspace_grant(sim).user_scopes
    known = set(SCOPES) if allowed is None else allowed
    return "" if "openid" in scopes and set(scopes) <= known else "invalid_scope"


def consent(sim: Simulation, person: Person, asked: dict[str, str]) -> str:
    """The code that the browser carries back."""
    code = f"{new_id(sim, 'code')}.{hashlib.sha256(repr(asked).encode()).hexdigest()[:24]}"
    sim.slack.codes[code] = Code(
        user=person.id,
        redirect_uri=asked["redirect_uri"],
        nonce=asked.get("nonce", ""),
        scopes=tuple(asked["scope"].replace(",", " ").split()),
        issued=time.time(),
    )
    return code


def exchange(call: Call) -> dict[str, Any]:
    settings = call.sim.settings
    if call.text("client_id") != settings.slack_client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != settings.slack_client_secret:
        raise SlackError("bad_client_secret")
    if call.text("grant_type", "authorization_code") != "authorization_code":
        raise SlackError("invalid_grant_type")
    code = call.state.codes.pop(call.text("code"), None)
    if code is None or time.time() - code.issued > CODE_LASTS:
        raise SlackError("invalid_code")
    if call.text("redirect_uri") != code.redirect_uri:
        raise SlackError("bad_redirect_uri")
    access = f"xoxp-demo-{new_id(call.sim, 'A')}"
    call.state.user_tokens[access] = code
    claims = _claims(call.sim, code, access)
    header = {"alg": "RS256", "kid": str(_key().kid)}
    signed = jwt.encode(header, claims, _key())
    return {"access_token": access, "token_type": "Bearer", "id_token": signed, "state": ""}


def user_info(call: Call) -> dict[str, Any]:
    """Called with the user's own token, which stands in `token`."""
    if not call.has("token"):
        raise SlackError("not_authed")
    code = call.state.user_tokens.get(call.text("token"))
    if code is None:
        raise SlackError("invalid_auth")
    return _who(call.sim, code)


def _claims(sim: Simulation, code: Code, access: str) -> dict[str, Any]:
    now = int(time.time())
    half = hashlib.sha256(access.encode()).digest()[:16]
    return {
        "iss": issuer(sim),
        "aud": sim.settings.slack_client_id,
        "exp": now + TOKEN_LASTS,
        "iat": now,
        "auth_time": now,
        "nonce": code.nonce,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        **_who(sim, code),
    }


def _who(sim: Simulation, code: Code) -> dict[str, Any]:
    person = sim.slack.people[code.user]
    team = sim.slack.teams[person.team_id]
    found = {
        "sub": person.id,
        "https://slack.com/user_id": person.id,
        "https://slack.com/team_id": team.id,
    }
    if "email" in code.scopes:
        found |= {"email": person.email, "email_verified": True, "date_email_verified": 1622128723}
    if "profile" in code.scopes:
        given, _, family = person.name.partition(" ")
        found |= {"name": person.name, "given_name": given, "family_name": family}
        found |= {"locale": "en-US", "picture": ""}
        found |= {
            "https://slack.com/team_name": team.name,
            "https://slack.com/team_domain": team.domain,
        }
    return found


METHODS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "openid.connect.token": exchange,
    "openid.connect.userInfo": user_info,
}
OWN_WAY = frozenset(METHODS)
"""They prove who calls by something else than the bot's token."""
