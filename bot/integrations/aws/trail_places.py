"""Whose it is: what AWS calls a thing, and the service or resource of the catalog behind the name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.catalog import Catalog
from bot.domain.places import Deployment, Resource


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one environment. `templates` says which group starts its machines from a launch template."""

    catalog: Catalog
    environment: str
    templates: Mapping[str, str] = field(default_factory=dict)

    def resource(self, kinds: Collection[str], *names: str) -> str:
        """By the identifier, or by one that begins with it: `prod-redis-1-001` is of `prod-redis-1`."""
        for each in self._resources(kinds):
            known = dict(each.identifiers).get(self.environment, "")
            if known and any(n == known or n.startswith(f"{known}-") for n in names if n):
                return each.name
        return ""

    def only(self, kinds: Collection[str]) -> str:
        """Where there is but one of these kinds."""
        found = self._resources(kinds)
        return found[0].name if len(found) == 1 else ""

    def wall(self, name: str, scope: str) -> str:
        """A web ACL by its name; an address list belongs to the only wall of its scope."""
        if exact := self.resource(("waf",), name):
            return exact
        found = [e for e in self._resources(("waf",)) if dict(e.spec).get("scope") == scope]
        return found[0].name if len(found) == 1 else ""

    def split(self, groups: Collection[str]) -> Deployment | None:
        """The service whose traffic is split between just these target groups."""
        for each in self.deployments():
            if len(each.target_groups) == 2 and set(each.target_groups) <= set(groups):
                return each
        return None

    def behind(self, groups: Collection[str]) -> str:
        """The service that one of these target groups belongs to, if it is but one service."""
        found = {e.service for e in self.deployments() if set(e.target_groups) & set(groups)}
        return found.pop() if len(found) == 1 else ""

    def record(self, zone: str, name: str) -> Deployment | None:
        wanted = f"{zone}/{name.rstrip('.')}"
        return next((e for e in self.deployments() if e.record.rstrip(".") == wanted), None)

    def group(self, name: str) -> str:
        """The service whose machines an Auto Scaling group holds."""
        return next((e.service for e in self.deployments() if e.asg and e.asg == name), "")

    def of_template(self, *names: str) -> str:
        found = (self.templates.get(name, "") for name in names if name)
        return next((self.group(each) for each in found if each), "")

    def module(self, *names: str) -> str:
        """The Terraform module in which one of these is written down here."""
        for name in names:
            if written := self.catalog.written_in(name, self.environment):
                return written.split()[1]
        return ""

    def deployments(self) -> Sequence[Deployment]:
        here = (self.catalog.deployment(e.name, self.environment) for e in self.catalog.services)
        return [each for each in here if each is not None]

    def _resources(self, kinds: Collection[str]) -> list[Resource]:
        return [
            each
            for each in self.catalog.resources
            if each.kind in kinds and self.environment in each.environments
        ]
