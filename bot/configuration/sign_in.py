"""Reads who may see the dashboard, and what a sign-in with Slack needs for it."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.configuration.vendors import SlackConfig, Variables

SHORTEST = 32
"""Characters of a secret that sessions are signed with."""
CALLBACK = "/sign-in/callback"
_SHOWN_BY_SLACK = "Slack shows it under *Basic Information → App Credentials* of the app."
_WHERE = {
    "SLACK_BOT_TOKEN": "It says which workspace people have to be of.",
    "SLACK_CLIENT_ID": _SHOWN_BY_SLACK,
    "SLACK_CLIENT_SECRET": _SHOWN_BY_SLACK,
    "TOCSIN_URL": f"Write the address of this bot. Slack has to know it with {CALLBACK} behind it, "
    "under *OAuth & Permissions → Redirect URLs*.",
    "TOCSIN_SESSION_SECRET": "Make one: `openssl rand -hex 32`.",
}
_OWN = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TOCSIN_SESSION_SECRET")
"""Whoever sets one of them wants a sign-in."""


class Shown(StrEnum):
    """To whom the dashboard is shown."""

    OFF = "off"
    SIGN_IN = "sign-in"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class SignInConfig:
    client_id: str
    client_secret: SecretStr
    session_secrets: tuple[SecretStr, ...]
    """The first one signs, any of them is believed: the old one stays behind while rotating."""
    url: str
    """Of the bot, as browsers reach it."""
    api_url: str
    """Slack's, with a slash at the end."""

    @property
    def callback(self) -> str:
        return f"{self.url}{CALLBACK}"


def shown(given: Variables) -> Shown:
    written = given.text("TOCSIN_DASHBOARD", Shown.OFF)
    if written == "on":
        return Shown.OPEN
    if written in set(Shown):
        return Shown(written)
    given.wrong(
        "TOCSIN_DASHBOARD",
        "The dashboard is shown to nobody, to those who sign in, or to everybody.",
        "Write off, sign-in or open.",
    )
    return Shown.OFF


def sign_in(given: Variables, slack: SlackConfig | None, to: Shown) -> SignInConfig | None:
    """Needed where the dashboard asks for it, possible where it is open."""
    wanted = to is Shown.SIGN_IN or any(given.text(name) for name in _OWN)
    address = _address(given)
    if not wanted:
        return None
    missing = [name for name in _WHERE if not given.text(name)]
    for name in missing:
        given.wrong(name, "It is not set, and signing in with Slack needs it.", _WHERE[name])
    secrets = given.secrets("TOCSIN_SESSION_SECRET")
    if any(len(each.get_secret_value()) < SHORTEST for each in secrets):
        given.wrong(
            "TOCSIN_SESSION_SECRET",
            f"It is shorter than {SHORTEST} characters: a session could be forged.",
            _WHERE["TOCSIN_SESSION_SECRET"],
        )
    if missing or slack is None:
        return None
    return SignInConfig(
        client_id=given.text("SLACK_CLIENT_ID"),
        client_secret=given.secret("SLACK_CLIENT_SECRET"),
        session_secrets=secrets,
        url=address,
        api_url=slack.api_url,
    )


def _address(given: Variables) -> str:
    if not given.text("TOCSIN_URL"):
        return ""
    address = given.url("TOCSIN_URL")
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment:
        given.wrong(
            "TOCSIN_URL",
            "The dashboard lives at the root of its address.",
            "Write the address without a path, like https://tocsin.example.com.",
        )
    return address
