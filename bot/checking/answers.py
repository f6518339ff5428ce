"""One question to each vendor, whose answer shows whether the credential is good for its work."""

from dataclasses import dataclass
from typing import Any

import httpx

from bot.config import (
    ArgoCdConfig,
    GitHubConfig,
    JiraConfig,
    NewRelicConfig,
    PagerDutyConfig,
    SignInConfig,
    SlackConfig,
    StatuspageConfig,
)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What a vendor did not like: the variable to look at, and why."""

    where: str
    what: str
    fix: str


_OF_THE_CLIENT = {"bad_client_secret", "invalid_client", "invalid_client_id"}


class Answer:
    """A vendor's answer, with the questions that every check asks of it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        try:
            body = response.json()
        except ValueError:
            body = {}
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}

    @property
    def fine(self) -> bool:
        return self.status == 200

    def refusal(self, variable: str, what: str) -> Wrong:
        match self.status:
            case 401:
                return Wrong(
                    where=variable, what=f"{what}: refused (401).", fix="Make a new one, set it."
                )
            case 403:
                return Wrong(
                    where=variable,
                    what=f"{what}: it lacks the right (403).",
                    fix="Give it the rights of docs/permissions.md.",
                )
            case 404:
                return Wrong(
                    where=variable,
                    what=f"{what}: not found (404).",
                    fix="Check the address and the id.",
                )
            case status:
                return Wrong(
                    where=variable,
                    what=f"{what}: answered {status}.",
                    fix="Try again; if it stays, look at the vendor's status page.",
                )


async def slack(
    place: SlackConfig, scopes: tuple[str, ...], client: httpx.AsyncClient
) -> str | Wrong:
    answer = Answer(
        await client.post(
            f"{place.api_url}auth.test",
            headers={"Authorization": f"Bearer {place.bot_token.get_secret_value()}"},
        )
    )
    if not answer.fine:
        return answer.refusal("SLACK_API_URL", "Slack's auth.test")
    if not answer.body.get("ok"):
        return Wrong(
            where="SLACK_BOT_TOKEN",
            what=f"Slack refuses the token: {answer.body.get('error', 'no reason given')}.",
            fix="Install the app again and copy its bot token.",
        )
    granted = {each.strip() for each in answer.headers.get("x-oauth-scopes", "").split(",")}
    if granted != {""} and (missing := [each for each in scopes if each not in granted]):
        return Wrong(
            where="SLACK_BOT_TOKEN",
            what=f"The app lacks the scopes {', '.join(missing)}.",
            fix="Paste slack-manifest.yaml into the app's manifest and install it again.",
        )
    return f"{answer.body.get('user', 'the bot')} in {answer.body.get('team', 'the workspace')}"


async def sign_in(place: SignInConfig, client: httpx.AsyncClient) -> str | Wrong:
    """With a code that nobody was given: Slack looks at who asks before it looks at that."""
    answer = Answer(
        await client.post(
            f"{place.api_url}openid.connect.token",
            data={
                "client_id": place.client_id,
                "client_secret": place.client_secret.get_secret_value(),
                "code": "check",
                "grant_type": "authorization_code",
                "redirect_uri": place.callback,
            },
        )
    )
    if not answer.fine:
        return answer.refusal("SLACK_API_URL", "Slack's openid.connect.token")
    said = answer.body.get("error", "")
    if said in _OF_THE_CLIENT:
        return Wrong(
            where="SLACK_CLIENT_ID" if said == "invalid_client_id" else "SLACK_CLIENT_SECRET",
            what=f"Slack refuses the app's credentials: {said}.",
            fix="Copy both from *Basic Information → App Credentials* of the app.",
        )
    return f"comes back to {place.callback}"


async def pagerduty(place: PagerDutyConfig, client: httpx.AsyncClient) -> str | Wrong:
    answer = Answer(
        await client.get(
            f"{place.api_url}/users",
            params={"query": place.from_email, "limit": 100},
            headers={
                "Authorization": f"Token token={place.api_token.get_secret_value()}",
                "Accept": "application/json",
            },
        )
    )
    if not answer.fine:
        return answer.refusal("PAGERDUTY_API_TOKEN", "PagerDuty's users")
    users = answer.body.get("users", [])
    if not any(user.get("email", "").lower() == place.from_email.lower() for user in users):
        return Wrong(
            where="PAGERDUTY_FROM_EMAIL",
            what=f"PagerDuty has no user {place.from_email}, and refuses writes without one.",
            fix="Write the log-in e-mail of a PagerDuty user.",
        )
    secrets = len(place.webhook_secrets)
    return f"writes as {place.from_email}; {secrets} webhook secret{'s' * (secrets > 1)}"


async def statuspage(place: StatuspageConfig, client: httpx.AsyncClient) -> str | Wrong:
    answer = Answer(
        await client.get(
            f"{place.api_url}/pages/{place.page_id}",
            headers={"Authorization": f"OAuth {place.api_key.get_secret_value()}"},
        )
    )
    if not answer.fine:
        where = "STATUSPAGE_PAGE_ID" if answer.status == 404 else "STATUSPAGE_API_KEY"
        return answer.refusal(where, "The status page")
    return f"page {answer.body.get('name', place.page_id)}"


async def jira(place: JiraConfig, client: httpx.AsyncClient) -> str | Wrong:
    login = httpx.BasicAuth(place.email, place.api_token.get_secret_value())
    answer = Answer(await client.get(f"{place.url}/rest/api/3/myself", auth=login))
    if not answer.fine:
        return answer.refusal("JIRA_URL" if answer.status == 404 else "JIRA_API_TOKEN", "Jira")
    project = Answer(
        await client.get(f"{place.url}/rest/api/3/project/{place.project}", auth=login)
    )
    if not project.fine:
        return project.refusal("JIRA_PROJECT", f"The project {place.project}")
    return f"project {place.project} as {answer.body.get('displayName', place.email)}"


async def github(place: GitHubConfig, client: httpx.AsyncClient) -> str | Wrong:
    answer = Answer(
        await client.get(
            f"{place.api_url}/repos/{place.repo}",
            headers={
                "Authorization": f"Bearer {place.token.get_secret_value()}",
                "Accept": "application/vnd.github+json",
            },
        )
    )
    if not answer.fine:
        where = "GITHUB_REPO" if answer.status == 404 else "GITHUB_TOKEN"
        return answer.refusal(where, f"The repository {place.repo}")
    return f"repository {place.repo}"


async def newrelic(place: NewRelicConfig, client: httpx.AsyncClient) -> str | Wrong:
    answer = Answer(
        await client.post(
            place.api_url,
            headers={"API-Key": place.api_key.get_secret_value()},
            json={"query": "{actor{user{name}}}"},
        )
    )
    if not answer.fine:
        return answer.refusal("NEWRELIC_API_KEY", "New Relic")
    # NerdGraph reports its errors with status 200.
    if errors := answer.body.get("errors"):
        said = errors[0].get("message", "no reason given") if errors else ""
        return Wrong(
            where="NEWRELIC_API_KEY",
            what=f"New Relic refuses: {said}.",
            fix="Make a user key (NRAK-…) of a user who may read the account.",
        )
    return f"account {place.account_id}"


async def argocd(place: ArgoCdConfig, client: httpx.AsyncClient) -> str | Wrong:
    answer = Answer(
        await client.get(
            f"{place.url}/api/v1/session/userinfo",
            headers={"Authorization": f"Bearer {place.token.get_secret_value()}"},
        )
    )
    if not answer.fine:
        return answer.refusal(place.token_variable, f"Argo CD in {place.environment}")
    # Argo CD answers an anonymous caller with 200 too.
    if not answer.body.get("loggedIn"):
        return Wrong(
            where=place.token_variable,
            what=f"Argo CD in {place.environment} does not know the token.",
            fix="Make one: `argocd account generate-token --account tocsin`.",
        )
    return f"signed in as {answer.body.get('username', 'the bot')}"
