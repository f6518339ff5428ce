"""The map of the services: by which way users come in, what serves them, and on what that stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.domain.catalog import Catalog, Kind, MigrationStage, Resource, Service
from bot.tools import Tools
from bot.web.dashboard.drawing import page
from bot.web.dashboard.map_health import Standing, State, counted, standing
from bot.web.dashboard.map_radius import CHOSEN, radius, relations

_EDGE = {"route53", "cloudfront", "waf", "load-balancer"}
_GROUND = {"eks-cluster", "nodegroup"}
_DELIVERY = {"argocd", "helm-charts", "appconfig", "observability"}
_MOVING = {
    MigrationStage.PARALLEL_TESTING,
    MigrationStage.TRAFFIC_10,
    MigrationStage.TRAFFIC_50,
    MigrationStage.TRAFFIC_90,
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """`relation` is what it has to do with the chosen one; empty where nothing, or none is chosen."""

    name: str
    title: str
    state: State
    about: tuple[str, ...] = ()
    relation: str = ""
    sick_parts: tuple[str, ...] = ()
    """Its workers and jobs that an incident is open on."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """`folded` are those that nobody has to see now."""

    title: str
    nodes: tuple[Node, ...]
    folded: tuple[Node, ...] = ()

    @property
    def all(self) -> tuple[Node, ...]:
        return self.nodes + self.folded

    @property
    def counts(self) -> list[tuple[State, int]]:
        """Of the folded ones."""
        return counted(each.state for each in self.folded)


@dataclass(frozen=True, kw_only=True)
class Column:
    title: str
    groups: tuple[Group, ...]


def service_map(request: Request, tools: Tools) -> Response:
    """`?of=` chooses what the blast radius is shown of: a service, a resource or a journey."""
    asked = request.query_params.get("of", "").strip()
    now = standing(tools)
    found = radius(tools, now, asked) if asked else None
    said = relations(tools.catalog, found[0]) if found else {}
    drawn = columns(tools.catalog, now, said)
    return page(
        "map.html",
        at="map",
        now=tools.clock.now(),
        asked=asked,
        chosen=found[1] if found else None,
        columns=drawn,
        counts=counted(
            node.state for each in drawn for group in each.groups for node in group.all
        ),
        events="/events",
    )


def columns(catalog: Catalog, now: Standing, said: Mapping[str, str]) -> list[Column]:
    """`said` are the words about what the chosen one touches: all others are dimmed."""
    drawn = _Drawn(catalog=catalog, now=now, said=said)
    found = (
        ("Edge and journeys", drawn.arriving()),
        ("Services", drawn.serving()),
        ("What they stand on", drawn.ground()),
    )
    shown = [
        Column(title=title, groups=tuple(each for each in groups if each.all))
        for title, groups in found
    ]
    return [each for each in shown if each.groups]


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    catalog: Catalog
    now: Standing
    said: Mapping[str, str]

    def arriving(self) -> Iterator[Group]:
        yield self._group("Edge", self._resources(_EDGE))
        journeys = ((each.name, each.label) for each in self.catalog.journeys)
        yield self._group("Journeys", (self._node(name, title) for name, title in journeys))

    def serving(self) -> Iterator[Group]:
        whole = [each for each in self.catalog.services if not each.part_of]
        moved = [each for each in whole if each.kind is not Kind.LEGACY]
        core = [each for each in moved if each.tier <= 1]
        yield self._group("Core services, tier 1", self._services(core))
        for tier in sorted({each.tier for each in moved if each.tier > 1}):
            others = self._services([each for each in moved if each.tier == tier])
            yield self._folding(f"Supporting services, tier {tier}", others)
        legacy = [each for each in whole if each.kind is Kind.LEGACY]
        yield self._folding("Legacy services on EC2", self._services(legacy))
        parts = [each for each in self.catalog.services if each.part_of]
        # They follow those that they are part of, whose cards say so.
        yield self._folding("Workers and jobs", self._services(parts), touched=False)

    def ground(self) -> Iterator[Group]:
        every = {each.kind for each in self.catalog.resources}
        stores = self._resources(every - _EDGE - _GROUND - _DELIVERY)
        yield self._group("Data stores", stores)
        yield self._folding("Clusters and nodes", self._resources(_GROUND))
        yield self._folding("Delivery and observability", self._resources(_DELIVERY))

    def _group(self, title: str, nodes: Iterable[Node]) -> Group:
        return Group(title=title, nodes=tuple(nodes))

    def _folding(self, title: str, nodes: Iterable[Node], *, touched: bool = True) -> Group:
        """Shows what is not well, or once something is chosen what that touches."""

        def wanted(node: Node) -> bool:
            if self.said:
                return node.relation == CHOSEN or (touched and bool(node.relation))
            return not node.state.well

        shown: list[Node] = []
        folded: list[Node] = []
        for each in nodes:
            (shown if wanted(each) else folded).append(each)
        if len(folded) == 1:
            # It would not take less room folded.
            shown += folded
            folded = []
        return Group(title=title, nodes=tuple(shown), folded=tuple(folded))

    def _resources(self, kinds: Iterable[str]) -> Iterator[Node]:
        wanted = set(kinds)
        for each in self.catalog.resources:
            if each.kind in wanted:
                yield self._node(each.name, each.label, *_size(each))

    def _services(self, services: Iterable[Service]) -> Iterator[Node]:
        for each in services:
            yield self._node(each.name, each.label, *self._about(each))

    def _about(self, service: Service) -> Iterator[str]:
        if service.part_of:
            yield f"{service.kind.value} of {self.catalog.label(service.part_of)}"
        if (stage := service.migration) is not None and (
            service.kind is Kind.LEGACY or stage in _MOVING
        ):
            yield _moved(stage)
        kinds = Counter(each.kind for each in self.catalog.components(service.name))
        if kinds:
            yield ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in kinds.items())

    def _node(self, name: str, title: str, *about: str) -> Node:
        parts = self.catalog.components(name)
        return Node(
            name=name,
            title=title,
            state=self.now.of(name),
            about=about,
            relation=self.said.get(name, ""),
            sick_parts=tuple(each.label for each in parts if self.now.on(each.name)),
        )


def _size(resource: Resource) -> tuple[str, ...]:
    known = dict(resource.spec)
    return tuple(known[each] for each in ("engine", "instance") if each in known)[:1]


def _moved(stage: MigrationStage) -> str:
    if stage is MigrationStage.PARALLEL_TESTING:
        return "tested side by side on EKS"
    if stage in _MOVING:
        return f"{stage.eks_share}% on EKS"
    return stage.value
