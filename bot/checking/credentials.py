"""Tries every credential against its vendor, side by side, and says in words what came back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

import httpx

from bot.checking import accounts, answers, clusters, registries, repositories
from bot.checking.answers import Wrong
from bot.checking.row import Row, State
from bot.config import Config, SlackConfig

_AREA = "credentials"
_SECONDS = 5.0

SWITCHES_OFF = {
    "Slack": "No channels, no cards, no commands: Tocsin only stores what PagerDuty sends.",
    "Sign in with Slack": "The dashboard is off or open to all; private incidents are not on it.",
    "PagerDuty": "No pages come in and none are acknowledged; declare by hand.",
    "Statuspage": "Public updates are drafted, and posted by hand.",
    "Jira": "Follow-ups go to GitHub Issues when that is configured, else only into the postmortem.",
    "GitHub": "No pull requests, no migrations between revisions: those count as unknown.",
    "New Relic": "No error rates: recovery is reported as unproven.",
}


Place = TypeVar("Place")
Check = Callable[[httpx.AsyncClient], Awaitable[str | Wrong]]


async def rows(config: Config, scopes: tuple[str, ...], environ: Mapping[str, str]) -> list[Row]:
    """One row per vendor, in the order of the README; each call has five seconds."""
    async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False) as client:
        vendors, aws, kubernetes, images, kept = await asyncio.gather(
            asyncio.gather(*(_row(*each, client) for each in _checks(config, scopes))),
            accounts.rows(config),
            clusters.rows(config),
            registries.rows(config),
            repositories.rows(config, environ),
        )
    return [*vendors, *aws, *kubernetes, *images, *kept]


def _checks(config: Config, scopes: tuple[str, ...]) -> list[tuple[str, str, Check | None]]:
    async def slack(place: SlackConfig, client: httpx.AsyncClient) -> str | Wrong:
        return await answers.slack(place, scopes, client)

    found: list[tuple[str, str, Check | None]] = [
        ("Slack", "SLACK_BOT_TOKEN", _asked(slack, config.slack)),
        ("Sign in with Slack", "SLACK_CLIENT_SECRET", _asked(answers.sign_in, config.sign_in)),
        ("PagerDuty", "PAGERDUTY_API_TOKEN", _asked(answers.pagerduty, config.pagerduty)),
        ("Statuspage", "STATUSPAGE_API_KEY", _asked(answers.statuspage, config.statuspage)),
        ("Jira", "JIRA_URL", _asked(answers.jira, config.jira)),
        ("GitHub", "GITHUB_TOKEN", _asked(answers.github, config.github)),
        ("New Relic", "NEWRELIC_API_KEY", _asked(answers.newrelic, config.newrelic)),
    ]
    for environment in config.catalog.environments:
        where = environment.argocd_token_variable or "catalog/environments.yaml"
        place = config.argocd_in(environment.name)
        found.append((f"Argo CD in {environment.name}", where, _asked(answers.argocd, place)))
    return found


def _asked(
    question: Callable[[Place, httpx.AsyncClient], Awaitable[str | Wrong]], place: Place | None
) -> Check | None:
    return None if place is None else partial(question, place)


async def _row(name: str, where: str, check: Check | None, client: httpx.AsyncClient) -> Row:
    if check is None:
        return _off(name, where)
    try:
        found = await check(client)
    except httpx.TimeoutException:
        found = Wrong(
            where=where,
            what=f"{name} did not answer within {_SECONDS:.0f} s.",
            fix="Check the address, the proxy and the firewall between here and there.",
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
        found = Wrong(
            where=where,
            what=f"{name} cannot be reached ({type(error).__name__}).",
            fix="Check the address and the network from this machine.",
        )
    if isinstance(found, Wrong):
        return Row(
            area=_AREA, where=found.where, state=State.PROBLEM, what=found.what, fix=found.fix
        )
    return Row(area=_AREA, where=where, state=State.OK, what=f"{name}: {found}")


def _off(name: str, where: str) -> Row:
    return Row(
        area=_AREA,
        where=where,
        state=State.OFF,
        what=f"{name} is not configured.",
        fix=SWITCHES_OFF.get(name, "No rollbacks and no deploys in the findings there."),
    )
