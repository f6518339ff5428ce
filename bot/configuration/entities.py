"""Backstage's entities as their files spell them, and our annotations on them."""

from typing import Any

from pydantic import Field, model_validator

from bot.configuration.validation import Open

PREFIX = "tocsin.dev/"

ANNOTATIONS = (
    "aliases",
    "app",
    "asg-name",
    "core",
    "driver",
    "environments",
    "email",
    "escalation-policy",
    "helm-release",
    "identifier",
    "image",
    "jira-component",
    "labels",
    "members",
    "migration",
    "more-apps",
    "more-clusters",
    "new-relic-app",
    "objective",
    "pagerduty",
    "path",
    "area",
    "queue",
    "replicas",
    "runbooks",
    "scale",
    "schedule",
    "slack-channel",
    "slack-usergroup",
    "spec",
    "status-components",
    "target",
    "target-groups",
    "terraform-module",
    "tier",
    "traffic-record",
    "workload",
)
"""What may stand behind `tocsin.dev/`; some take an environment after a dot."""


class Link(Open):
    url: str
    title: str = ""


class Metadata(Open):
    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")
    title: str = ""
    description: str = ""
    annotations: dict[str, str] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    def ours(self, name: str, default: str = "") -> str:
        return self.annotations.get(PREFIX + name, default).strip()

    def several(self, name: str) -> tuple[str, ...]:
        """A comma-separated annotation."""
        return tuple(part.strip() for part in self.ours(name).split(",") if part.strip())

    def by_environment(self, name: str) -> dict[str, str]:
        """`tocsin.dev/<name>.<environment>` annotations."""
        start = f"{PREFIX}{name}."
        return {
            key.removeprefix(start): value.strip()
            for key, value in self.annotations.items()
            if key.startswith(start)
        }

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """An annotation of `key=value` lines or comma-separated pairs."""
        parts = self.ours(name).replace("\n", ",").split(",")
        split = (part.partition("=") for part in parts if "=" in part)
        return tuple((key.strip(), value.strip()) for key, _, value in split)


class EntitySpec(Open):
    type: str = ""
    lifecycle: str = "production"
    owner: str = ""
    system: str = ""
    subcomponentOf: str = ""  # noqa: N815
    dependsOn: tuple[str, ...] = ()  # noqa: N815


class Entity(Open):
    apiVersion: str  # noqa: N815
    kind: str
    metadata: Metadata
    spec: EntitySpec = Field(default_factory=EntitySpec)

    @model_validator(mode="before")
    @classmethod
    def _outputs_stay_out(cls, content: Any) -> Any:
        """Backstage computes these; written by hand they would be silently ignored."""
        for output in ("relations", "status"):
            if isinstance(content, dict) and output in content:
                raise ValueError(f"`{output}` is computed by Backstage and may not be written")
        return content

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def owner(self) -> str:
        return bare(self.spec.owner)


def bare(reference: str) -> str:
    """The name in `[kind:][namespace/]name`."""
    return reference.strip().rpartition(":")[2].rpartition("/")[2]
