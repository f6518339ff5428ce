"""Which tracker and which code host the configuration names."""

from __future__ import annotations

import re

from bot.config import Config
from bot.integrations.github import GitHub
from bot.integrations.github_actions import GitHubActions
from bot.integrations.github_issues import GitHubIssues
from bot.integrations.jira import Jira
from bot.tools import Gate


def tracker_of(config: Config, gate: Gate) -> Jira | GitHubIssues | None:
    """Jira where it is configured, else GitHub's own issues."""
    if (jira := config.jira) is not None:
        user = (jira.email, jira.api_token.get_secret_value())
        return Jira(jira.url, user, project=jira.project, gate=gate)
    if (hub := config.github) is not None:
        token = hub.token.get_secret_value()
        return GitHubIssues(hub.api_url, token, repo=hub.repo, gate=gate)
    return None


def forge_of(config: Config, gate: Gate) -> GitHub | None:
    hub = config.github
    if hub is None:
        return None
    token = hub.token.get_secret_value()
    reviews = _owner_and_name(config.postmortem_repo or "")
    terraform = hub.terraform or _hosted(config.terraform_repo or "")
    return GitHub(
        hub.api_url, token, repo=hub.repo, gate=gate, postmortems=reviews, terraform=terraform
    )


def actions_of(config: Config, gate: Gate) -> GitHubActions | None:
    """What runs workflows there, in any repository that the token may reach."""
    if (hub := config.github) is None:
        return None
    return GitHubActions(hub.api_url, hub.token.get_secret_value(), gate=gate)


def _hosted(repository: str) -> str:
    """A folder on this machine names no repository at GitHub."""
    remote = re.match(r"https://|ssh://|[\w.-]+@", repository)
    return _owner_and_name(repository) if remote else ""


def _owner_and_name(repository: str) -> str:
    """`acme/postmortems` of any address git understands: its last two parts."""
    parts = [part for part in re.split(r"[/:]", repository.removesuffix(".git")) if part]
    return "/".join(parts[-2:]) if len(parts) > 1 else ""
