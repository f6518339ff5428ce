"""What we know about the platform, and the questions an incident asks of it."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.domain.migration import MigrationStage
from bot.domain.nearness import contained, nearness, words_of
from bot.domain.places import (
    DeclaredFlag,
    Deployment,
    Driver,
    Environment,
    ImageRegistry,
    Journey,
    Kind,
    KnownPerson,
    PagingRule,
    Pattern,
    Queue,
    Resource,
    Service,
    Team,
    TerraformModule,
)
from bot.domain.slo import Objective
from bot.domain.workflow import Workflow

__all__ = [
    "Catalog",
    "DeclaredFlag",
    "Deployment",
    "Driver",
    "Environment",
    "ImageRegistry",
    "Journey",
    "JourneyRisk",
    "Kind",
    "KnownPerson",
    "MigrationStage",
    "PageMatch",
    "PagingRule",
    "Pattern",
    "Queue",
    "Reach",
    "Resource",
    "Service",
    "Team",
    "TerraformModule",
]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Something on a path through the dependencies; `distance` 1 is a direct one."""

    name: str
    distance: int
    via: str


@dataclass(frozen=True, kw_only=True)
class JourneyRisk:
    """A journey in danger. `via` is the member that carries it, which may be the sick one itself."""

    journey: Journey
    via: str


@dataclass(frozen=True, kw_only=True)
class PageMatch:
    """To whom a page belongs, and the rule that says so."""

    service: str
    environment: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """All of it may be empty: every question then has an empty answer, never an error."""

    environments: tuple[Environment, ...] = ()
    registries: tuple[ImageRegistry, ...] = ()
    services: tuple[Service, ...] = ()
    resources: tuple[Resource, ...] = ()
    journeys: tuple[Journey, ...] = ()
    teams: tuple[Team, ...] = ()
    people: tuple[KnownPerson, ...] = ()
    paging: tuple[PagingRule, ...] = ()
    modules: tuple[TerraformModule, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    flags: tuple[DeclaredFlag, ...] = ()
    objectives: tuple[Objective, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.services or self.resources or self.paging)

    def service(self, name: str) -> Service | None:
        """By name, or by an alias people use for it."""
        return self._services.get(name.strip().lower())

    def resource(self, name: str) -> Resource | None:
        return self._resources.get(name)

    def environment(self, name: str) -> Environment | None:
        return self._environments.get(name)

    def team(self, name: str) -> Team | None:
        return self._teams.get(name)

    def flags_in(self, store: str) -> tuple[DeclaredFlag, ...]:
        return tuple(each for each in self.flags if each.store == store)

    def objectives_of(self, service: str) -> tuple[Objective, ...]:
        """Its own, and those of the journeys that it is a member of: what an incident there costs."""
        journeys = {each.name for each in self.journeys if service in each.members}
        return tuple(each for each in self.objectives if each.service in {service, *journeys})

    def objective(self, name: str) -> Objective | None:
        return next((each for each in self.objectives if each.name == name), None)

    def journey(self, name: str) -> Journey | None:
        return self._journeys.get(name)

    @property
    def production(self) -> Environment | None:
        """The environment to guess when nobody said which."""
        return next((each for each in self.environments if each.production), None)

    def is_production(self, environment: str) -> bool:
        """An environment nobody described counts as production: the careful guess."""
        known = self.environment(environment)
        return known is None or known.production

    def label(self, name: str) -> str:
        """What to call a service or a resource on screen; the name itself when unknown."""
        known = self.service(name) or self.resource(name)
        return known.label if known else name

    def written_in(self, name: str, environment: str) -> str:
        """Who writes it down and would put it back: "Terraform load-balancer in production"."""
        known = self.service(name) or self.resource(name)
        if known is None or not known.terraform_module:
            return ""
        module = next((m for m in self.modules if m.name == known.terraform_module), None)
        if module is None:
            return TerraformModule(name=known.terraform_module, area="", path="").called(
                environment
            )
        return module.called(environment) if environment in module.environments else ""

    def module_of(self, owner: str, environment: str) -> TerraformModule | None:
        """Who is called so by `written_in`."""
        return next((m for m in self.modules if m.called(environment) == owner), None)

    def deployment(self, name: str, environment: str) -> Deployment | None:
        """Where a service runs there, or what a resource is called there."""
        known = self.service(name)
        if known is None:
            return self._managed(name, environment)
        return next((d for d in known.deployments if d.environment == environment), None)

    def _managed(self, name: str, environment: str) -> Deployment | None:
        known = self.resource(name)
        if known is None or environment not in known.environments:
            return None
        where = self.environment(environment)
        return Deployment(
            service=name,
            environment=environment,
            driver=Driver.MANAGED,
            cluster=where.cluster if where else "",
            kind=known.kind,
            identifier=dict(known.identifiers).get(environment, ""),
            spec=known.spec,
        )

    def components(self, service: str) -> tuple[Service, ...]:
        """The workers and jobs that ship with a service."""
        return tuple(each for each in self.services if each.part_of == service)

    def dependencies(self, name: str) -> tuple[Reach, ...]:
        """Everything it stands on, nearest first."""
        return _reach(name, self._needs)

    def dependants(self, name: str) -> tuple[Reach, ...]:
        """The blast radius: everything that stands on it, nearest first."""
        return _reach(name, self._needed_by)

    def journeys_at_risk(self, name: str) -> tuple[JourneyRisk, ...]:
        """Journeys it is a member of, then those with a member that needs it directly."""
        risks = [
            JourneyRisk(journey=each, via=name) for each in self.journeys if name in each.members
        ]
        seen = {risk.journey.name for risk in risks}
        direct = {reach.name for reach in self.dependants(name) if reach.distance == 1}
        for journey in self.journeys:
            member = next((each for each in journey.members if each in direct), None)
            if member and journey.name not in seen:
                risks.append(JourneyRisk(journey=journey, via=member))
        return tuple(risks)

    def nearest(self, text: str, count: int = 3) -> tuple[Service, ...]:
        """The services whose names lie nearest to the words of a page that matched no rule."""
        words = words_of(text)
        near = {part: nearness(part, words) for part in self._name_parts} if words else {}
        ranked = sorted(self.services, key=lambda each: (-self._likeness(each, near), each.name))
        return tuple(ranked[:count])

    def on_call_policy(self, service: str) -> str | None:
        """The PagerDuty escalation policy of the owners."""
        known = self.service(service)
        team = self.team(known.owner) if known else None
        return (team.escalation_policy or None) if team else None

    def members(self, team: str) -> tuple[KnownPerson, ...]:
        return tuple(person for person in self.people if person.team == team)

    def person_by_slack(self, slack: str) -> KnownPerson | None:
        return next((person for person in self.people if person.slack == slack), None)

    def person_by_email(self, email: str) -> KnownPerson | None:
        wanted = email.strip().lower()
        return next(
            (person for person in self.people if wanted and person.email.lower() == wanted), None
        )

    def person_by_pagerduty(self, pagerduty: str, email: str = "") -> KnownPerson | None:
        """A written id wins; the e-mail is asked only when nobody claims the id."""
        known = next(
            (person for person in self.people if pagerduty and person.pagerduty == pagerduty), None
        )
        return known or self.person_by_email(email)

    def match_page(self, pagerduty_service: str, fields: Mapping[str, str]) -> PageMatch | None:
        """First rule wins; after the rules, a service that names the PagerDuty service itself."""
        for rule in self.paging:
            if _holds(rule, pagerduty_service, fields):
                return PageMatch(
                    service=rule.service, environment=rule.environment, rule=rule.name
                )
        return self._own_pages.get(pagerduty_service)

    def _likeness(self, service: Service, near: Mapping[str, float]) -> float:
        """1.0 when every part of some name of the service stands in the text, less for near misses."""
        # A worker or a job is offered before its parent only when its own name fits clearly better.
        best = max(contained(parts, near) for parts in self._names[service.name])
        return best - 0.2 * bool(service.part_of)

    @cached_property
    def _names(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        return {
            each.name: tuple(words_of(name) for name in (each.name, each.title, *each.aliases))
            for each in self.services
        }

    @cached_property
    def _name_parts(self) -> frozenset[str]:
        """Few: services are called alike, and each part is compared with a text once."""
        return frozenset(part for names in self._names.values() for name in names for part in name)

    @cached_property
    def _services(self) -> dict[str, Service]:
        aliases = {
            alias.lower(): service for service in self.services for alias in service.aliases
        }
        return aliases | {service.name: service for service in self.services}

    @cached_property
    def _resources(self) -> dict[str, Resource]:
        return {each.name: each for each in self.resources}

    @cached_property
    def _environments(self) -> dict[str, Environment]:
        return {each.name: each for each in self.environments}

    @cached_property
    def _teams(self) -> dict[str, Team]:
        return {each.name: each for each in self.teams}

    @cached_property
    def _journeys(self) -> dict[str, Journey]:
        return {each.name: each for each in self.journeys}

    @cached_property
    def _needs(self) -> dict[str, tuple[str, ...]]:
        needs = {each.name: each.depends_on for each in self.services}
        needs |= {each.name: each.depends_on for each in self.resources}
        for service in self.services:
            if service.part_of:
                needs[service.name] = (service.part_of, *service.depends_on)
        return needs

    @cached_property
    def _needed_by(self) -> dict[str, tuple[str, ...]]:
        needed_by: dict[str, tuple[str, ...]] = {}
        for name, needs in self._needs.items():
            for each in needs:
                needed_by[each] = (*needed_by.get(each, ()), name)
        return needed_by

    @cached_property
    def _own_pages(self) -> dict[str, PageMatch]:
        own = [(each.name, each.pagerduty) for each in self.resources]
        own += [(each.name, each.pagerduty) for each in self.services]
        return {
            pager: PageMatch(service=name, environment=environment, rule=f"{name} itself")
            for name, pagers in own
            for environment, pager in pagers
        }


def _reach(start: str, edges: Mapping[str, Iterable[str]]) -> tuple[Reach, ...]:
    found: dict[str, Reach] = {}
    queue = deque([(start, 0)])
    while queue:
        name, distance = queue.popleft()
        for following in edges.get(name, ()):
            if following not in found and following != start:
                found[following] = Reach(name=following, distance=distance + 1, via=name)
                queue.append((following, distance + 1))
    return tuple(found.values())


def _holds(rule: PagingRule, pagerduty_service: str, fields: Mapping[str, str]) -> bool:
    if rule.pagerduty_service and rule.pagerduty_service != pagerduty_service:
        return False
    return all(
        re.search(each.expression, fields.get(each.field, ""), re.IGNORECASE)
        for each in rule.patterns
    )
