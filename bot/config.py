"""The only reader of the environment: variables and catalog in, one frozen Config out."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from bot.configuration import catalog_files, clusters, sign_in, vendors
from bot.configuration.clusters import KubernetesConfig
from bot.configuration.problem import ConfigError, Problem, suggestion
from bot.configuration.sign_in import Shown, SignInConfig
from bot.configuration.vendors import (
    ArgoCdConfig,
    AwsConfig,
    GitHubConfig,
    JiraConfig,
    NewRelicConfig,
    PagerDutyConfig,
    RegistryConfig,
    SlackConfig,
    StatuspageConfig,
    Variables,
)
from bot.domain.catalog import Catalog
from bot.domain.policy import Policy

__all__ = [
    "ArgoCdConfig",
    "AwsConfig",
    "Config",
    "ConfigError",
    "GitHubConfig",
    "JiraConfig",
    "KubernetesConfig",
    "Mode",
    "NewRelicConfig",
    "PagerDutyConfig",
    "Problem",
    "RegistryConfig",
    "Shown",
    "SignInConfig",
    "SlackConfig",
    "StatuspageConfig",
    "Survey",
    "from_environment",
    "load",
    "survey",
]

OURS = (
    "TOCSIN_ALLOW_VOLATILE_DISK",
    "TOCSIN_ANNOUNCE_CHANNEL",
    "TOCSIN_CATALOG",
    "TOCSIN_CLOCK_URL",
    "TOCSIN_COMMAND",
    "TOCSIN_DATA_DIR",
    "TOCSIN_MODE",
    "TOCSIN_RUNBOOKS",
    "TOCSIN_TEMPLATES",
    "TOCSIN_DASHBOARD",
    "TOCSIN_API_TOKENS",
    "TOCSIN_URL",
    "TOCSIN_SESSION_SECRET",
)


class Mode(StrEnum):
    """In observe mode plans are made and shown, and nothing is written."""

    OBSERVE = "observe"
    ACT = "act"


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything the program was told. A vendor that is None is not configured."""

    catalog: Catalog
    policy: Policy
    port: int = 8300
    command: str = "/incident"
    mode: Mode = Mode.ACT
    data_dir: Path = Path("var")
    catalog_dir: Path = Path("catalog")
    runbooks_dir: Path = Path("runbooks")
    templates_dir: Path = Path("templates")
    database: Path = Path("var/tocsin.db")
    """The SQLite file."""
    volatile_disk_allowed: bool = False
    announcements: str = "incidents"
    clock_url: str | None = None
    postmortem_repo: str | None = None
    """Anything `git clone` takes."""
    terraform_repo: str | None = None
    """A checkout or an address: only read."""
    slack: SlackConfig | None = None
    pagerduty: PagerDutyConfig | None = None
    statuspage: StatuspageConfig | None = None
    jira: JiraConfig | None = None
    github: GitHubConfig | None = None
    newrelic: NewRelicConfig | None = None
    argocd: tuple[ArgoCdConfig, ...] = ()
    registries: tuple[RegistryConfig, ...] = ()
    kubernetes: tuple[KubernetesConfig, ...] = ()
    aws: tuple[AwsConfig, ...] = ()
    change_secrets: tuple[SecretStr, ...] = ()
    """By any of them whoever tells of a change signs; with none the door is shut."""

    dashboard: Shown = Shown.OFF
    sign_in: SignInConfig | None = None
    """None where nobody can sign in."""
    api_tokens: tuple[SecretStr, ...] = ()
    """By any of them the API may be read; with none it is off."""

    def argocd_in(self, environment: str) -> ArgoCdConfig | None:
        return next((each for each in self.argocd if each.environment == environment), None)

    def aws_in(self, environment: str) -> AwsConfig | None:
        return next((each for each in self.aws if each.environment == environment), None)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A configuration as far as it could be read. With problems it is for looking at only."""

    config: Config
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def from_environment() -> Mapping[str, str]:
    """The one place where the process environment is read."""
    return dict(os.environ)


def load(environ: Mapping[str, str]) -> Config:
    """Raises ConfigError with every problem there is."""
    found = survey(environ)
    if found.problems:
        raise ConfigError(found.problems)
    return found.config


def survey(environ: Mapping[str, str]) -> Survey:
    given = Variables(values=environ)
    folder = _folder(given, "TOCSIN_CATALOG", "catalog")
    reading = catalog_files.read(folder)
    config = Config(
        catalog=reading.catalog(),
        policy=reading.policy,
        port=given.whole("PORT", 8300, lowest=1, highest=65535),
        command=_command(given),
        mode=_mode(given),
        data_dir=(data_dir := Path(given.text("TOCSIN_DATA_DIR", "var")).absolute()),
        catalog_dir=folder,
        runbooks_dir=_folder(given, "TOCSIN_RUNBOOKS", "runbooks"),
        templates_dir=_folder(given, "TOCSIN_TEMPLATES", "templates"),
        database=_database(given, data_dir),
        volatile_disk_allowed=given.text("TOCSIN_ALLOW_VOLATILE_DISK") in ("1", "true", "yes"),
        announcements=_announcements(given, reading.policy),
        clock_url=given.url("TOCSIN_CLOCK_URL") if given.text("TOCSIN_CLOCK_URL") else None,
        postmortem_repo=_repository(given.text("POSTMORTEM_REPO")),
        terraform_repo=_repository(given.text("TERRAFORM_REPO")),
        slack=(slack := vendors.slack(given)),
        pagerduty=vendors.pagerduty(given),
        statuspage=vendors.statuspage(given),
        jira=vendors.jira(given),
        github=vendors.github(given),
        newrelic=vendors.newrelic(given),
        argocd=_argocd(given, reading.catalog()),
        kubernetes=_kubernetes(given, reading.catalog()),
        registries=tuple(vendors.registry(given, each) for each in reading.registries),
        aws=_aws(given, reading.catalog()),
        change_secrets=given.secrets("CHANGES_WEBHOOK_SECRETS"),
        dashboard=(to := sign_in.shown(given)),
        sign_in=sign_in.sign_in(given, slack, to),
        api_tokens=given.secrets("TOCSIN_API_TOKENS"),
    )
    problems = [*given.problems, *reading.problems, *catalog_files.unresolved(reading)]
    return Survey(config=config, problems=tuple(problems), warnings=tuple(_unread(environ)))


def _folder(given: Variables, name: str, default: str) -> Path:
    """A folder that was asked for has to be there; the default one may be missing."""
    path = Path(given.text(name, default))
    if given.text(name) and not path.is_dir():
        given.wrong(name, f"There is no folder {path}.", "Write the path of an existing folder.")
    return path


def _repository(written: str) -> str | None:
    """What `git clone` takes; a path is from where we stand, not from where git is run."""
    if written and Path(written).is_dir():
        return str(Path(written).absolute())
    return written or None


def _command(given: Variables) -> str:
    command = given.text("TOCSIN_COMMAND", "/incident")
    if re.fullmatch(r"/[a-z0-9_-]{1,31}", command):
        return command
    given.wrong(
        "TOCSIN_COMMAND",
        "Slack does not take this as a command.",
        "Write a slash and up to 31 lower-case letters, like /incident.",
    )
    return "/incident"


def _mode(given: Variables) -> Mode:
    written = given.text("TOCSIN_MODE", Mode.ACT)
    if written in set(Mode):
        return Mode(written)
    given.wrong("TOCSIN_MODE", "There is no such mode.", "Write observe or act.")
    return Mode.OBSERVE


def _database(given: Variables, data_dir: Path) -> Path:
    url = given.text("DATABASE_URL")
    if not url:
        return data_dir / "tocsin.db"
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if re.match(r"postgres(ql)?(\+\w+)?://", url):
        given.wrong(
            "DATABASE_URL",
            "The PostgreSQL engine is not in this release.",
            "Unset it: SQLite keeps everything in TOCSIN_DATA_DIR.",
        )
    else:
        given.wrong(
            "DATABASE_URL",
            "This is not a database that can be used.",
            "Unset it, or write sqlite:///path/to/tocsin.db.",
        )
    return data_dir / "tocsin.db"


def _announcements(given: Variables, policy: Policy) -> str:
    return given.text("TOCSIN_ANNOUNCE_CHANNEL", policy.announcements).removeprefix("#")


def _argocd(given: Variables, catalog: Catalog) -> tuple[ArgoCdConfig, ...]:
    found = (vendors.argocd(given, each) for each in catalog.environments)
    return tuple(each for each in found if each is not None)


def _kubernetes(given: Variables, catalog: Catalog) -> tuple[KubernetesConfig, ...]:
    return tuple(
        each for place in catalog.environments for each in clusters.kubernetes(given, place)
    )


def _aws(given: Variables, catalog: Catalog) -> tuple[AwsConfig, ...]:
    found = (vendors.aws(given, each) for each in catalog.environments)
    return tuple(each for each in found if each is not None)


def _unread(environ: Mapping[str, str]) -> list[Problem]:
    """A misspelt variable of ours would otherwise just not work."""
    return [
        Problem(
            where=name,
            what="Nobody reads this variable.",
            fix=suggestion(name, OURS, "Unset it."),
        )
        for name in sorted(environ)
        if name.startswith("TOCSIN_") and name not in OURS
    ]
