"""Reads a catalog folder into one Catalog and one Policy, and checks that all of it fits together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.configuration import (
    environments_file,
    flag_files,
    objective_files,
    own_files,
    translation,
    workflow_files,
)
from bot.configuration.entities import Entity
from bot.configuration.lines import Document, documents
from bot.configuration.policy_file import policy as read_policy
from bot.configuration.problem import Problem, suggestion
from bot.configuration.source import Source
from bot.configuration.validation import validated
from bot.domain.catalog import (
    Catalog,
    DeclaredFlag,
    Environment,
    ImageRegistry,
    Journey,
    KnownPerson,
    PagingRule,
    Resource,
    Service,
    Team,
    TerraformModule,
)
from bot.domain.policy import Policy
from bot.domain.slo import Objective
from bot.domain.workflow import Workflow

OWN_FILES = ("environments", "people", "paging", "policy")
WORKFLOWS = "workflows"
"""The folder of a team's own fixes."""
FLAGS = "flags"
"""The folder of the feature flags that may be set from chat."""
SLOS = "slos"
"""The folder of what users are promised."""


@dataclass(kw_only=True)
class Reading:
    """What has been read so far, and where each name was written."""

    problems: list[Problem] = field(default_factory=list)
    environments: tuple[Environment, ...] = ()
    registries: tuple[ImageRegistry, ...] = ()
    people: tuple[KnownPerson, ...] = ()
    paging: tuple[PagingRule, ...] = ()
    policy: Policy = field(default_factory=Policy)
    services: list[Service] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    journeys: list[Journey] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    modules: list[TerraformModule] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    own: dict[str, Document] = field(default_factory=dict)
    workflows: list[tuple[Workflow, Document]] = field(default_factory=list)
    flags: list[tuple[DeclaredFlag, Document]] = field(default_factory=list)
    objectives: list[tuple[Objective, Document]] = field(default_factory=list)

    def catalog(self) -> Catalog:
        return Catalog(
            environments=self.environments,
            registries=self.registries,
            services=tuple(self.services),
            resources=tuple(self.resources),
            journeys=tuple(self.journeys),
            teams=tuple(self.teams),
            people=self.people,
            paging=self.paging,
            modules=tuple(self.modules),
            workflows=tuple(each for each, _document in self.workflows),
            flags=tuple(each for each, _document in self.flags),
            objectives=tuple(each for each, _document in self.objectives),
        )


def read(folder: Path) -> Reading:
    """Everything that can be read, however much of it is wrong. A missing folder reads as empty."""
    reading = Reading()
    if not folder.is_dir():
        return reading
    own = {folder / f"{name}.yaml": name for name in OWN_FILES}
    for path, name in own.items():
        if path.is_file():
            _read_own(reading, name, path, _shown(folder, path))
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        if path in own or path.is_relative_to(folder / SLOS):
            continue
        if path.is_relative_to(folder / WORKFLOWS):
            _read_workflows(reading, path, _shown(folder, path))
        elif path.is_relative_to(folder / FLAGS):
            _read_flags(reading, path, _shown(folder, path))
        else:
            _read_entities(reading, path, _shown(folder, path))
    _read_objectives(reading, folder)
    return reading


def _shown(folder: Path, path: Path) -> str:
    return (Path(folder.name) / path.relative_to(folder)).as_posix()


def _read_own(reading: Reading, name: str, path: Path, shown_as: str) -> None:
    found, problems = documents(path, shown_as)
    reading.problems += problems
    for document in found[:1]:
        reading.own[name] = document
        match name:
            case "environments":
                file = environments_file.read(document, reading.problems)
                reading.environments, reading.registries = file
            case "people":
                reading.people = own_files.people(document, reading.problems)
            case "paging":
                reading.paging = own_files.paging(document, reading.problems)
            case _:
                reading.policy = read_policy(document, reading.problems)


def _read_entities(reading: Reading, path: Path, shown_as: str) -> None:
    found, problems = documents(path, shown_as)
    reading.problems += problems
    for document in found:
        if entity := validated(Entity, document, reading.problems):
            source = Source(entity=entity, document=document, problems=reading.problems)
            translation.misspelt(source)
            _place(reading, source)


def _read_workflows(reading: Reading, path: Path, shown_as: str) -> None:
    found, problems = documents(path, shown_as)
    reading.problems += problems
    for document in found:
        if made := workflow_files.workflow(document, reading.problems):
            reading.workflows.append((made, document))


def _read_flags(reading: Reading, path: Path, shown_as: str) -> None:
    found, problems = documents(path, shown_as)
    reading.problems += problems
    for document in found:
        if made := flag_files.flag(document, reading.problems):
            reading.flags.append((made, document))


def _read_objectives(reading: Reading, folder: Path) -> None:
    """All files first: an SLO may name the SLI of another one. Journeys lead, in their order."""
    production = next((each.name for each in reading.environments if each.production), "")
    written = objective_files.Written(problems=reading.problems, production=production)
    for path in sorted([*(folder / SLOS).rglob("*.yaml"), *(folder / SLOS).rglob("*.yml")]):
        found, problems = documents(path, _shown(folder, path))
        reading.problems += problems
        for document in found:
            objective_files.collect(document, written)
    order = {each.name: place for place, each in enumerate(reading.journeys)}
    reading.objectives = sorted(
        objective_files.objectives(written),
        key=lambda one: order.get(one[0].service, len(order)),
    )


def _place(reading: Reading, source: Source) -> None:
    entity, environments = source.entity, reading.environments
    match (entity.kind.lower(), entity.spec.type):
        case ("component", "terraform-module"):
            reading.modules.append(translation.module(source, environments))
        case ("component", _):
            reading.services.append(translation.service(source, environments))
            _once(reading, source)
        case ("resource", _):
            reading.resources.append(translation.resource(source, environments))
            _once(reading, source)
        case ("system", "journey"):
            reading.journeys.append(translation.journey(source))
            reading.sources.setdefault(f"journey {entity.name}", source)
        case ("group", _):
            reading.teams.append(translation.team(source))
        case ("system" | "domain" | "user" | "api" | "location" | "template", _):
            pass
        case _:
            reading.problems.append(
                Problem(
                    where=source.document.where("kind"),
                    what=f"There is no kind `{entity.kind}`.",
                    fix=suggestion(
                        entity.kind,
                        ["Component", "Resource", "System", "Group", "API", "Domain", "User"],
                        "Use a kind of Backstage, like Component or Resource.",
                    ),
                )
            )


def _once(reading: Reading, source: Source) -> None:
    """Services and resources share one space of names: pages and dependencies use it."""
    name = source.entity.name
    if (first := reading.sources.get(name)) is None:
        reading.sources[name] = source
        return
    reading.problems.append(
        Problem(
            where=source.document.where("metadata", "name"),
            what=f"`{name}` already exists, in {first.document.where('metadata', 'name')}.",
            fix="Give one of them another name.",
        )
    )


def unresolved(reading: Reading) -> Iterable[Problem]:
    """References that lead nowhere, each at its own line."""
    names = [each.name for each in reading.services] + [each.name for each in reading.resources]
    teams = [each.name for each in reading.teams]
    for service in reading.services:
        yield from _owner(reading.sources[service.name], service.owner, teams)
        yield from _needs(reading.sources[service.name], service.depends_on, names)
        if service.part_of and service.part_of not in names:
            source = reading.sources[service.name]
            yield _nowhere(source.document, ("spec", "subcomponentOf"), service.part_of, names)
    for resource in reading.resources:
        yield from _owner(reading.sources[resource.name], resource.owner, teams)
        yield from _needs(reading.sources[resource.name], resource.depends_on, names)
    for journey in reading.journeys:
        source = reading.sources[f"journey {journey.name}"]
        for member in journey.members:
            if member not in names:
                yield _nowhere(
                    source.document,
                    ("metadata", "annotations", "tocsin.dev/members"),
                    member,
                    names,
                )
    yield from _own_references(reading, names, teams)
    yield from workflow_files.unresolved(
        reading.workflows,
        services=names,
        teams=teams,
        environments=[each.name for each in reading.environments],
    )
    stores = [(each, reading.sources[each.name].document) for each in reading.resources]
    yield from flag_files.unresolved(reading.flags, stores=stores, services=names, teams=teams)
    yield from objective_files.unresolved(
        reading.objectives,
        subjects=[*names, *(each.name for each in reading.journeys)],
        environments=[each.name for each in reading.environments],
    )
    yield from _shared_pagers(reading)


def _shared_pagers(reading: Reading) -> Iterable[Problem]:
    """A page for two would go to whichever was read last; rules are the place to tell them apart."""
    owners: dict[str, str] = {}
    pagers = [(each.name, each.pagerduty) for each in reading.services]
    pagers += [(each.name, each.pagerduty) for each in reading.resources]
    for name, own in pagers:
        for _, pager in own:
            if (first := owners.setdefault(pager, name)) != name:
                document = reading.sources[name].document
                yield Problem(
                    where=document.where("metadata", "annotations", "pagerduty.com/service-id"),
                    what=f"The PagerDuty service {pager} belongs to `{first}` already.",
                    fix="Give it to one of them, and tell them apart by rules in paging.yaml.",
                )


def _own_references(reading: Reading, names: list[str], teams: list[str]) -> Iterable[Problem]:
    environments = [each.name for each in reading.environments]
    for place, rule in enumerate(reading.paging):
        document = reading.own["paging"]
        if rule.service not in names:
            yield _nowhere(document, ("rules", place, "service"), rule.service, names)
        if rule.environment not in environments:
            yield _nowhere(
                document, ("rules", place, "environment"), rule.environment, environments
            )
    for place, person in enumerate(reading.people):
        if person.team and person.team not in teams:
            yield _nowhere(reading.own["people"], ("people", place, "team"), person.team, teams)


def _owner(source: Source, owner: str, teams: list[str]) -> Iterable[Problem]:
    if not owner:
        yield Problem(
            where=source.document.where("spec"),
            what=f"`{source.entity.name}` has no owner, so nobody can be asked.",
            fix="Add `owner: <team>` under `spec`.",
        )
    elif owner not in teams:
        yield _nowhere(source.document, ("spec", "owner"), owner, teams)


def _needs(source: Source, needs: tuple[str, ...], names: list[str]) -> Iterable[Problem]:
    for place, name in enumerate(needs):
        if name not in names:
            yield _nowhere(source.document, ("spec", "dependsOn", place), name, names)


def _nowhere(
    document: Document, path: tuple[str | int, ...], name: str, known: list[str]
) -> Problem:
    return Problem(
        where=document.where(*path),
        what=f"`{name}` is not in the catalog.",
        fix=suggestion(name, known, "Add it, or correct the name."),
    )
