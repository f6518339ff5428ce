"""Reads each vendor's variables: all of them configured, none of them, or a problem."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.configuration.environments_file import ROLE
from bot.configuration.problem import Problem
from bot.domain.catalog import Environment, ImageRegistry

_LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, kw_only=True)
class SlackConfig:
    bot_token: SecretStr
    signing_secret: SecretStr
    api_url: str
    """Ends in a slash: the SDK appends the method to it."""


@dataclass(frozen=True, kw_only=True)
class PagerDutyConfig:
    api_token: SecretStr
    from_email: str
    webhook_secrets: tuple[SecretStr, ...]
    """Several while one is being rotated; a signature by any of them counts."""
    api_url: str


@dataclass(frozen=True, kw_only=True)
class StatuspageConfig:
    api_key: SecretStr
    page_id: str
    api_url: str


@dataclass(frozen=True, kw_only=True)
class JiraConfig:
    url: str
    email: str
    api_token: SecretStr
    project: str


@dataclass(frozen=True, kw_only=True)
class GitHubConfig:
    token: SecretStr
    repo: str
    api_url: str
    terraform: str = ""
    """`owner/name` of the code of Terraform, where pull requests to it are opened."""


@dataclass(frozen=True, kw_only=True)
class NewRelicConfig:
    api_key: SecretStr
    account_id: int
    api_url: str


@dataclass(frozen=True, kw_only=True)
class ArgoCdConfig:
    environment: str
    url: str
    token: SecretStr
    token_variable: str


@dataclass(frozen=True, kw_only=True)
class RegistryConfig:
    """`password` is None where images are asked for without credentials."""

    host: str
    url: str = ""
    username: str = ""
    password: SecretStr | None = None
    password_variable: str = ""


@dataclass(frozen=True, kw_only=True)
class AwsConfig:
    """What we may become in an environment's account; our own keys are found as the SDK does it."""

    environment: str
    role_arn: str
    region: str
    endpoint: str = ""
    """Empty for AWS itself."""


@dataclass(kw_only=True)
class Variables:
    """The environment, cleaned as it is read, with what was wrong in it."""

    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """An empty variable counts as unset: that is how compose files leave one out."""
        return self.values.get(name, "").strip() or default

    def secret(self, name: str) -> SecretStr:
        value = self.text(name)
        if value[:1] in ("'", '"'):
            self.wrong(name, "The value starts with a quote.", "Remove the quotes around it.")
            value = value.strip("'\"")
        elif re.search(r"\s", value):
            self.wrong(name, "The value has white space in it.", "Copy it again, on one line.")
        elif not value.isascii():
            self.wrong(name, "The value has letters that no secret has.", "Copy it again.")
        return SecretStr(value)

    def secrets(self, name: str) -> tuple[SecretStr, ...]:
        """Several with commas between, while one is being rotated."""
        listed = self.text(name).split(",")
        found = tuple(SecretStr(each.strip()) for each in listed if each.strip())
        if self.text(name) and not found:
            self.wrong(name, "It holds commas only.", "Write the secret.")
        return found

    def url(self, name: str, default: str = "", *, slash: bool = False) -> str:
        """With exactly one slash at the end, or with none."""
        value = self.text(name, default)
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.wrong(
                name, "This is not an address.", "Write it in full, like https://host/path."
            )
        elif parts.username or parts.password:
            self.wrong(name, "The address holds a password.", "Remove everything before the @.")
        elif parts.scheme == "http" and parts.hostname not in _LOCAL:
            self.wrong(name, "Secrets would travel unencrypted.", "Write https:// instead.")
        return value.rstrip("/") + ("/" if slash else "")

    def whole(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and lowest <= int(value) <= highest:
            return int(value)
        self.wrong(
            name, "This is not a number in range.", f"Write one from {lowest} to {highest}."
        )
        return default

    def email(self, name: str) -> str:
        value = self.text(name)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            self.wrong(name, "This is not an e-mail address.", "Write one, like you@example.org.")
        return value

    def complete(self, *names: str, why: str) -> bool:
        """Whether all are set. Some but not all is a problem for each that is missing."""
        missing = [name for name in names if not self.text(name)]
        if missing and len(missing) < len(names):
            given = ", ".join(name for name in names if name not in missing)
            for name in missing:
                self.wrong(name, f"It is not set, but {given} is.", f"Set it. {why}")
        return not missing

    def wrong(self, name: str, what: str, fix: str) -> None:
        self.problems.append(Problem(where=name, what=what, fix=fix))


def slack(given: Variables) -> SlackConfig | None:
    if not given.complete(
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        why="Slack shows both under *Basic Information* and *OAuth & Permissions* of the app.",
    ):
        return None
    token = given.secret("SLACK_BOT_TOKEN")
    if not token.get_secret_value().startswith("xoxb-"):
        given.wrong(
            "SLACK_BOT_TOKEN",
            "This is not a bot token.",
            "Copy the *Bot User OAuth Token*, which starts with xoxb-.",
        )
    return SlackConfig(
        bot_token=token,
        signing_secret=given.secret("SLACK_SIGNING_SECRET"),
        api_url=given.url("SLACK_API_URL", "https://slack.com/api/", slash=True),
    )


def pagerduty(given: Variables) -> PagerDutyConfig | None:
    if not given.complete(
        "PAGERDUTY_API_TOKEN",
        "PAGERDUTY_FROM_EMAIL",
        "PAGERDUTY_WEBHOOK_SECRETS",
        why="It takes a REST key, a user's e-mail and the secret that PagerDuty shows once "
        "when the webhook is made.",
    ):
        return None
    return PagerDutyConfig(
        api_token=given.secret("PAGERDUTY_API_TOKEN"),
        from_email=given.email("PAGERDUTY_FROM_EMAIL"),
        webhook_secrets=given.secrets("PAGERDUTY_WEBHOOK_SECRETS"),
        api_url=given.url("PAGERDUTY_API_URL", "https://api.pagerduty.com"),
    )


def statuspage(given: Variables) -> StatuspageConfig | None:
    if not given.complete(
        "STATUSPAGE_API_KEY",
        "STATUSPAGE_PAGE_ID",
        why="Statuspage shows both under *API info* of your profile.",
    ):
        return None
    return StatuspageConfig(
        api_key=given.secret("STATUSPAGE_API_KEY"),
        page_id=given.text("STATUSPAGE_PAGE_ID"),
        api_url=given.url("STATUSPAGE_API_URL", "https://api.statuspage.io/v1"),
    )


def jira(given: Variables) -> JiraConfig | None:
    names = ("JIRA_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "JIRA_PROJECT")
    if not given.complete(*names, why="Jira needs its address, an e-mail, a token and a project."):
        return None
    project = given.text("JIRA_PROJECT")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]+", project):
        given.wrong("JIRA_PROJECT", "This is not a project key.", "Write the key, like OPS.")
    return JiraConfig(
        url=given.url("JIRA_URL"),
        email=given.email("JIRA_EMAIL"),
        api_token=given.secret("JIRA_API_TOKEN"),
        project=project,
    )


def github(given: Variables) -> GitHubConfig | None:
    if not given.complete(
        "GITHUB_TOKEN", "GITHUB_REPO", why="GitHub needs a token and a repository, owner/name."
    ):
        return None
    repo = given.text("GITHUB_REPO")
    terraform = given.text("GITHUB_TERRAFORM_REPO")
    for name, text in (("GITHUB_REPO", repo), ("GITHUB_TERRAFORM_REPO", terraform)):
        if text and not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
            given.wrong(name, "This is not a repository.", "Write it as owner/name.")
    return GitHubConfig(
        token=given.secret("GITHUB_TOKEN"),
        repo=repo,
        terraform=terraform,
        api_url=given.url("GITHUB_API_URL", "https://api.github.com"),
    )


def newrelic(given: Variables) -> NewRelicConfig | None:
    if not given.complete(
        "NEWRELIC_API_KEY",
        "NEWRELIC_ACCOUNT_ID",
        why="New Relic needs a user key (NRAK-…) and the number of the account.",
    ):
        return None
    return NewRelicConfig(
        api_key=given.secret("NEWRELIC_API_KEY"),
        account_id=given.whole("NEWRELIC_ACCOUNT_ID", 0, lowest=1, highest=10**12),
        api_url=given.url("NEWRELIC_API_URL", "https://api.newrelic.com/graphql"),
    )


def argocd(given: Variables, place: Environment) -> ArgoCdConfig | None:
    """Off while the token is not set. The variable with the address wins over the file."""
    variable = place.argocd_token_variable
    if not variable or not given.text(variable):
        return None
    address = place.argocd_url_variable or variable
    if not given.text(place.argocd_url_variable, place.argocd_url):
        given.wrong(
            address,
            f"The address of Argo CD in {place.name} is not known.",
            f"Write `argocd.url` of {place.name} in environments.yaml, or set the variable.",
        )
        return None
    return ArgoCdConfig(
        environment=place.name,
        url=given.url(address, place.argocd_url)
        if place.argocd_url_variable
        else place.argocd_url.rstrip("/"),
        token=given.secret(variable),
        token_variable=variable,
    )


def registry(given: Variables, place: ImageRegistry) -> RegistryConfig:
    """Asked without credentials while the password is not set."""
    url = given.url(place.url_variable) if given.text(place.url_variable) else place.url
    variable = place.password_variable
    if not variable or not given.text(variable):
        return RegistryConfig(host=place.host, url=url, password_variable=variable)
    return RegistryConfig(
        host=place.host,
        url=url,
        username=place.username,
        password=given.secret(variable),
        password_variable=variable,
    )


def aws(given: Variables, place: Environment) -> AwsConfig | None:
    """Off while no role is named. The variable with the role wins over the file."""
    role = given.text(place.aws_role_variable) if place.aws_role_variable else ""
    role = role or place.aws_role
    if not role:
        return None
    if not ROLE.fullmatch(role):
        given.wrong(
            place.aws_role_variable,
            "This is not the ARN of a role.",
            "Write it like arn:aws:iam::111111111111:role/tocsin.",
        )
    if not place.aws_region:
        given.wrong(
            place.aws_role_variable or place.name,
            f"The AWS region of {place.name} is not known.",
            f"Write `region` of {place.name} in environments.yaml.",
        )
    variable = place.aws_endpoint_variable
    endpoint = given.url(variable) if variable and given.text(variable) else ""
    return AwsConfig(
        environment=place.name, role_arn=role, region=place.aws_region, endpoint=endpoint
    )
